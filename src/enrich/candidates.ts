import { isJsonObject, valueAt } from '../parsers/json-object.ts'
import type { JsonLine } from '../parsers/json-line.ts'
import { valueText } from '../parsers/json-spans.ts'
import { isObjectAt, jsonValue } from '../parsers/json-value.ts'
import type { KnownName, Place } from './member-roles.ts'

/** The text of the number at a path of a member that a parser made, with all its digits. */
export type DigitsOf = (path: string) => string | undefined

/** A member that a parser made. */
export interface MadeMember {
  readonly key: string
  readonly value: unknown
  readonly digitsOf: DigitsOf
}

/**
 * What an event offers for one thing that is looked for (its time, its level), by the rank of the name in the list. The
 * line's own members stay bytes until somebody reads them.
 */
export class Candidates {
  readonly count: number
  isEmpty = true
  readonly #isThere: boolean[]
  /** Where the value stands: in this line, from and to; or else it is made already. */
  readonly #lines: (JsonLine | undefined)[]
  readonly #from: number[]
  readonly #to: number[]
  readonly #made: unknown[]
  readonly #digits: (() => string | undefined)[]

  constructor(count: number) {
    this.count = count
    this.#isThere = Array.from({ length: count }, () => false)
    this.#lines = Array.from({ length: count })
    this.#from = Array.from({ length: count }, () => 0)
    this.#to = Array.from({ length: count }, () => 0)
    this.#made = Array.from({ length: count })
    this.#digits = Array.from({ length: count }, () => () => undefined)
  }

  reset(): void {
    if (this.isEmpty) return
    // By hand: `fill` costs more than some ten elements do.
    for (let rank = 0; rank < this.count; rank++) this.#isThere[rank] = false
    this.isEmpty = true
  }

  /** The first one with a rank stays: a name spelled with dots and the path that it means are one place. */
  offerMember({ rank, rest }: Place, json: JsonLine, { index }: KnownName): void {
    if (this.#isThere[rank] === true) return
    const from = json.valueStart(index)
    const to = json.valueEnd(index)
    if (rest === '') {
      this.#isThere[rank] = true
      this.#lines[rank] = json
      this.#from[rank] = from
      this.#to[rank] = to
      this.isEmpty = false
    } else if (isObjectAt(json.bytes, from)) {
      const value = jsonValue(json.bytes, from, to)
      if (isJsonObject(value)) this.#take(rank, valueAt(value, rest), () => valueText(json.bytes, rest, from))
    }
  }

  offer({ rank, rest }: Place, { key, value, digitsOf }: MadeMember): void {
    if (this.#isThere[rank] === true) return
    const found = rest === '' ? value : isJsonObject(value) ? valueAt(value, rest) : undefined
    this.#take(rank, found, () => digitsOf(rest === '' ? key : `${key}.${rest}`))
  }

  has(rank: number): boolean {
    return this.#isThere[rank]!
  }

  /** The line in whose bytes the value stands, undefined where it is made already. */
  lineOf(rank: number): JsonLine | undefined {
    return this.#lines[rank]
  }

  from(rank: number): number {
    return this.#from[rank]!
  }

  to(rank: number): number {
    return this.#to[rank]!
  }

  value(rank: number): unknown {
    const line = this.#lines[rank]
    return line ? jsonValue(line.bytes, this.#from[rank]!, this.#to[rank]!) : this.#made[rank]
  }

  /** A number's text. */
  digits(rank: number): () => string | undefined {
    const line = this.#lines[rank]
    return line ? () => line.bytes.toString('utf8', this.#from[rank], this.#to[rank]) : this.#digits[rank]!
  }

  #take(rank: number, value: unknown, digits: () => string | undefined): void {
    if (value === undefined) return
    this.#isThere[rank] = true
    this.#lines[rank] = undefined
    this.#made[rank] = value
    this.#digits[rank] = digits
    this.isEmpty = false
  }
}
