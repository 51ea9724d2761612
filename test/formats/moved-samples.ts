import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectations, formats, sampleFolder, samples, type Shipped } from './user-formats.ts'

/** The samples are of 2026-01-20, from a quarter past ten on; a real Loki wants newer ones. */
export const sampleStartMs = Date.UTC(2026, 0, 20, 10, 15)
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** Times in a text, in all the forms that the samples have, later by whole minutes; their lengths stay. */
export class Mover {
  readonly #ms: number

  constructor(toMs: number) {
    this.#ms = toMs - sampleStartMs
  }

  text(text: string): string {
    return text
      .replaceAll(/2026-01-20([T ])(\d\d):(\d\d)/g, (_, middle: string, hours, minutes) => {
        const iso = this.#iso(Number(hours), Number(minutes))
        return `${iso.slice(0, 10)}${middle}${iso.slice(11, 16)}`
      })
      .replaceAll(/2026\/01\/20 (\d\d):(\d\d)/g, (_, hours, minutes) => {
        const iso = this.#iso(Number(hours), Number(minutes))
        return `${iso.slice(0, 10).replaceAll('-', '/')} ${iso.slice(11, 16)}`
      })
      .replaceAll(/Jan 20 (\d\d):(\d\d)/g, (_, hours, minutes) => {
        const iso = this.#iso(Number(hours), Number(minutes))
        const day = String(Number(iso.slice(8, 10))).padStart(2)
        return `${months[Number(iso.slice(5, 7)) - 1]} ${day} ${iso.slice(11, 16)}`
      })
      .replaceAll(/\b1768904\d{3}/g, (seconds) => String(Number(seconds) + this.#ms / 1000))
  }

  /** The dates in names of files. */
  path(path: string): string {
    return path.replace('2026-01-20', this.#iso(10, 15).slice(0, 10))
  }

  index(name: string): string {
    return name.replace('2026.01.20', this.#iso(10, 15).slice(0, 10).replaceAll('-', '.'))
  }

  #iso(hours: number, minutes: number): string {
    return new Date(Date.UTC(2026, 0, 20, hours, minutes) + this.#ms).toISOString()
  }
}

/** The samples as files of `folder`, their times moved. */
export function movedSamples(mover: Mover): { path: string; text: string }[] {
  return samples().map((path) => ({
    path: mover.path(path),
    text: mover.text(readFileSync(join(sampleFolder, path), 'utf8')),
  }))
}

/** What is written down of all of them, moved as well, with the paths below `folder`. */
export function movedExpectations(mover: Mover, folder: string): Shipped[] {
  return formats.flatMap(({ name }) => {
    const text = readFileSync(join(sampleFolder, 'expected', `${name}.json`), 'utf8')
      .replaceAll('YEAR', '2026')
      .replaceAll(
        /"(log\.file\.path|filename)": "([^"]*)"/g,
        (_, member: string, path: string) => `"${member}": "${folder}${mover.path(path)}"`,
      )
    return Object.values(expectations.parse(JSON.parse(mover.text(text)))).flat()
  })
}
