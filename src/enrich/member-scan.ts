import type { Severity } from '../core/event.ts'
import { isJsonObject, valueAt } from '../parsers/json-object.ts'
import type { JsonObject } from '../parsers/json-object.ts'
import type { ParsedTime } from '../parsers/time-value.ts'
import { severityOf, severityOfOpenTelemetry } from './level.ts'
import { firstOpenTelemetryRank, levelNames, noRole } from './member-roles.ts'
import type { MemberRole, MemberRoles, Place } from './member-roles.ts'
import { TraceFinder } from './trace.ts'

/** The text of the number at a path of the object that was scanned, with all its digits. */
export type DigitsOf = (path: string) => string | undefined

/** `timestamp`: only the member `@timestamp`, which most lines with one write just as we would. */
export type Meets = 'nothing' | 'timestamp' | 'others'

type ReadTime = (value: unknown, digits: () => string | undefined) => ParsedTime | undefined

/**
 * One pass over the members of an event, for all that the agent looks for: time, level, trace ids, and whether any name
 * begins like a path of ours. Reused for each event: no object a line.
 */
export class MemberScan {
  readonly #roles: MemberRoles
  readonly #times: Candidates
  readonly #levels = new Candidates(levelNames.length)
  readonly #trace = new TraceFinder()

  constructor(roles: MemberRoles, timeNameCount: number) {
    this.#roles = roles
    this.#times = new Candidates(timeNameCount)
  }

  reset(): void {
    this.#times.reset()
    this.#levels.reset()
    this.#trace.reset()
  }

  /** Members in `replaced` are left out. Tells whether any of the others begins like a path of ours, and which. */
  object(object: JsonObject, digitsOf: DigitsOf, replaced: ReadonlySet<string> | undefined): Meets {
    let meets: Meets = 'nothing'
    for (const key in object) {
      const role = this.#roles.of(key)
      if (role === noRole || replaced?.has(key) === true) continue
      if (role.meets) meets = key === '@timestamp' && meets === 'nothing' ? 'timestamp' : 'others'
      this.#member(role, key, object[key], digitsOf)
    }
    return meets
  }

  member(key: string, value: unknown, digitsOf: DigitsOf): boolean {
    const role = this.#roles.of(key)
    if (role !== noRole) this.#member(role, key, value, digitsOf)
    return role.meetsParsed
  }

  /** The first of the list that is there and that `read` can read. */
  time(read: ReadTime): ParsedTime | undefined {
    const times = this.#times
    if (times.isEmpty) return undefined
    for (let rank = 0; rank < times.values.length; rank++) {
      const value = times.values[rank]
      const time = value === undefined ? undefined : read(value, times.digits(rank))
      if (time) return time
    }
    return undefined
  }

  severity(): Severity {
    const levels = this.#levels
    if (levels.isEmpty) return 0
    for (let rank = 0; rank < levels.values.length; rank++) {
      const value = levels.values[rank]
      if (value === undefined) continue
      const severity = rank < firstOpenTelemetryRank ? severityOf(value) : severityOfOpenTelemetry(value)
      if (severity !== 0) return severity
    }
    return 0
  }

  traceId(): string {
    return this.#trace.traceId()
  }

  spanId(): string {
    return this.#trace.spanId()
  }

  #member(role: MemberRole, key: string, value: unknown, digitsOf: DigitsOf): void {
    for (const place of role.times) this.#times.offer(place, key, value, digitsOf)
    for (const place of role.levels) this.#levels.offer(place, key, value, digitsOf)
    if (role.trace !== undefined) this.#trace.offer(role.trace, value, key, digitsOf)
  }
}

/** Values by their rank in a list of names. */
class Candidates {
  readonly values: unknown[]
  isEmpty = true
  readonly #paths: string[]
  readonly #digitsOf: (DigitsOf | undefined)[]

  constructor(count: number) {
    this.values = Array.from({ length: count })
    this.#paths = Array.from({ length: count }, () => '')
    this.#digitsOf = Array.from({ length: count })
  }

  reset(): void {
    if (this.isEmpty) return
    // By hand: `fill` costs more than some ten elements do.
    for (let rank = 0; rank < this.values.length; rank++) this.values[rank] = undefined
    this.isEmpty = true
  }

  /** The first one with a rank stays: a name spelled with dots and the path that it means are one place. */
  offer(place: Place, key: string, value: unknown, digitsOf: DigitsOf): void {
    const { rank, rest } = place
    const found = rest === '' ? value : isJsonObject(value) ? valueAt(value, rest) : undefined
    if (found === undefined || this.values[rank] !== undefined) return
    this.values[rank] = found
    this.#paths[rank] = rest === '' ? key : `${key}.${rest}`
    this.#digitsOf[rank] = digitsOf
    this.isEmpty = false
  }

  digits(rank: number): () => string | undefined {
    return () => this.#digitsOf[rank]!(this.#paths[rank]!)
  }
}
