import { appendFileSync, closeSync, existsSync, openSync, renameSync, truncateSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { countedLine } from './counted-lines.ts'

export interface CountedFileOptions {
  /** Bytes of filling for each line. */
  readonly pad?: number
  readonly kind?: 'json' | 'text'
  /** The name in the uids; the file's by default. */
  readonly writer?: string
  /** More members of a JSON line, as text: what a sink refuses. */
  readonly members?: (sequence: number) => string
}

/** A program that logs to one path, rotated as told. What it wrote is known line by line. */
export class CountedFile {
  readonly path: string
  readonly writer: string
  readonly #pad: string
  readonly #kind: 'json' | 'text'
  readonly #members: (sequence: number) => string
  #written = 0
  rotations = 0

  constructor(path: string, options: CountedFileOptions = {}) {
    const { pad = 20, kind = 'json', writer = basename(path), members = () => '' } = options
    this.path = path
    this.writer = writer
    this.#pad = 'x'.repeat(pad)
    this.#kind = kind
    this.#members = members
  }

  get written(): number {
    return this.#written
  }

  uids(): string[] {
    return Array.from({ length: this.#written }, (_, i) => `${this.writer}-${i}`)
  }

  /** The next lines, counted as written: for what a test puts somewhere itself. */
  lines(count: number): string {
    let block = ''
    for (let i = 0; i < count; i++) {
      const line = countedLine(this.writer, this.#written, this.#pad, this.#kind)
      const more = this.#members(this.#written)
      block += more === '' ? line : line.replace(/}\n$/, `,${more}}\n`)
      this.#written += 1
    }
    return block
  }

  /** The next line with more members (or a time of its own): for what a sink treats in a way of its own. */
  writeWith(members: Readonly<Record<string, unknown>>): string {
    const uid = `${this.writer}-${this.#written}`
    const { time, ...others } = members
    let line = this.lines(1)
    if (time !== undefined) line = line.replace(/"time":"[^"]*"/, `"time":${JSON.stringify(time)}`)
    const more = Object.entries(others).map(
      ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)},`,
    )
    appendFileSync(
      this.path,
      line.replace('"uid":', () => `${more.join('')}"uid":`),
    )
    return uid
  }

  /** Opens the path, appends, closes: to whatever file has the name now. */
  write(count: number): void {
    appendFileSync(this.path, this.lines(count))
  }

  /** A descriptor that stays with its file through renames, as a program that was not told of the rotation has. */
  open(): { write(count: number): void; close(): void } {
    const descriptor = openSync(this.path, 'a')
    return {
      write: (count) => void writeSync(descriptor, this.lines(count)),
      close: () => closeSync(descriptor),
    }
  }

  renameTo(path: string): void {
    renameSync(this.path, path)
    this.rotations += 1
  }

  /** As logrotate does by default: NAME.1 is the newest, every older one moves up by one. */
  rotateNumbered(): void {
    let last = 1
    while (existsSync(`${this.path}.${last}`)) last++
    for (; last > 1; last--) renameSync(`${this.path}.${last - 1}`, `${this.path}.${last}`)
    this.renameTo(`${this.path}.1`)
  }

  truncate(): void {
    truncateSync(this.path)
    this.rotations += 1
  }
}
