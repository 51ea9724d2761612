import { appendFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export interface LogWriterOptions {
  readonly folder: string
  readonly name: string
  /** Every line carries `uid: <prefix>-<sequence>`. */
  readonly prefix: string
  /** Rotates by rename after so many lines, `app.log` → `app.log.1` → …; 0 never. */
  readonly rotateLines: number
  /** How many rotated files are kept; older ones are removed. */
  readonly keep: number
  /** A rotation that is due waits until this holds: given the number of lines written before the current file. */
  readonly mayRotate?: (before: number) => boolean
}

/** Writes JSON lines with unique ids and rotates as logrotate does (`create`, numbered), so that tests can count. */
export class LogWriter {
  readonly #options: LogWriterOptions
  #sequence = 0
  #linesInFile = 0
  rotations = 0

  constructor(options: LogWriterOptions) {
    this.#options = options
  }

  get path(): string {
    return join(this.#options.folder, this.#options.name)
  }

  get written(): number {
    return this.#sequence
  }

  /** Every uid written so far. */
  uids(): string[] {
    return Array.from({ length: this.#sequence }, (_, i) => `${this.#options.prefix}-${i}`)
  }

  write(lines: number): void {
    let block = ''
    for (let i = 0; i < lines; i++) {
      const uid = `${this.#options.prefix}-${this.#sequence++}`
      block += `${JSON.stringify({ time: new Date().toISOString(), level: 'info', uid, msg: `line ${uid} of a test` })}\n`
    }
    appendFileSync(this.path, block)
    this.#linesInFile += lines
    const { rotateLines, mayRotate } = this.#options
    if (rotateLines === 0 || this.#linesInFile < rotateLines) return
    if (mayRotate?.(this.#sequence - this.#linesInFile) ?? true) this.rotate()
  }

  rotate(): void {
    const { keep } = this.#options
    rmSync(`${this.path}.${keep}`, { force: true })
    for (let i = keep - 1; i >= 1; i--) {
      if (existsSync(`${this.path}.${i}`)) renameSync(`${this.path}.${i}`, `${this.path}.${i + 1}`)
    }
    renameSync(this.path, `${this.path}.1`)
    this.#linesInFile = 0
    this.rotations += 1
  }
}
