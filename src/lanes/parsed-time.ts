import type { ParsedLine } from '../parsers/chain.ts'
import { isPlausible } from '../parsers/time.ts'
import type { TimeReader } from '../parsers/time.ts'
import type { CleanLine } from './clean-line.ts'

const timestamp = '@timestamp'
const noDigits = (): undefined => undefined

/**
 * The time that a preset found comes as its first member, `@timestamp`. Where it can be read it becomes the line's time
 * right here: as a member it would be looked for, read, and compared with our own, which took two thirds of the lane's
 * work on an access log (15.7 µs a line instead of 5.4). What can't be read stays a member, and is shown as such.
 */
export class ParsedTime {
  readonly #times: TimeReader
  readonly #names: ReadonlySet<string>
  /** Somebody named another member that has the time. */
  readonly isOff: boolean

  constructor(times: TimeReader, timeNames: readonly string[]) {
    this.#times = times
    this.#names = new Set(timeNames)
    this.isOff = timeNames[0] !== timestamp
  }

  /** Gives the line its time; returns the members without it, or undefined where all stays as it is. */
  take(line: CleanLine, parsed: ParsedLine, nowMs: number): ParsedLine | undefined {
    const first = parsed.added[0]
    if (this.isOff || !parsed.isTakenApart || first?.key !== timestamp) return undefined
    const added = parsed.added.slice(1)
    if (added.some(({ key }) => this.#names.has(key))) return undefined
    const nowSeconds = Math.floor(nowMs / 1000)
    const time = this.#times.read(first.value, noDigits, nowSeconds)
    if (!time || !isPlausible(time, nowSeconds)) return undefined
    line.time = time
    const { own, isTakenApart, parseError } = parsed
    return { own, isTakenApart, added, parseError }
  }
}
