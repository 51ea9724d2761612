import type { Severity } from '../core/event.ts'
import type { JsonLine } from '../parsers/json-line.ts'
import { isPlainString, jsonValue } from '../parsers/json-value.ts'
import type { ParsedTime } from '../parsers/time-value.ts'
import { Candidates } from './candidates.ts'
import type { DigitsOf } from './candidates.ts'
import { severityOf, severityOfBytes, severityOfOpenTelemetry } from './level.ts'
import { firstOpenTelemetryRank, levelNames, noRole } from './member-roles.ts'
import type { KnownName, MemberRole, MemberRoles } from './member-roles.ts'
import { TraceFinder } from './trace.ts'

/** `timestamp`: only one member `@timestamp`, which most lines with one write just as we would. */
export type Meets = 'nothing' | 'timestamp' | 'others'

/** How a member's time is read. `plain` is asked first, for the text between a string's quotes: it costs no string. */
export interface MemberTimes {
  plain(bytes: Buffer, from: number, to: number): ParsedTime | undefined
  value(value: unknown, digits: () => string | undefined): ParsedTime | undefined
}

/**
 * One pass over the members of an event, for all that the agent looks for: time, level, trace ids, and whether any name
 * begins like a path of ours. Reused for each event: no object a line.
 */
export class MemberScan {
  readonly #roles: MemberRoles
  readonly #times: Candidates
  readonly #levels = new Candidates(levelNames.length)
  readonly #trace = new TraceFinder()
  /** Members of the line at hand that mean something, in the order in which their names came first. */
  readonly #found: KnownName[] = []
  #line = 0
  /** Of the line's own `@timestamp` where it meets us alone. */
  timestampIndex = -1

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
  object(json: JsonLine, replaced: ReadonlySet<string> | undefined): Meets {
    const count = this.#find(json, replaced)
    let meets: Meets = 'nothing'
    for (let at = 0; at < count; at++) {
      const name = this.#found[at]!
      const { role, key, index } = name
      if (role.meets) {
        const isTimestamp: boolean =
          key === '@timestamp' && meets === 'nothing' && this.timestampIndex !== twice
        meets = isTimestamp ? 'timestamp' : 'others'
        if (isTimestamp) this.timestampIndex = index
      }
      for (const place of role.times) this.#times.offerMember(place, json, name)
      for (const place of role.levels) this.#levels.offerMember(place, json, name)
      if (role.trace !== undefined) this.#trace.offerMember(role.trace, json, name)
    }
    return meets
  }

  /** Of members with the same name the last one counts, as with `JSON.parse`. Returns how many were found. */
  #find(json: JsonLine, replaced: ReadonlySet<string> | undefined): number {
    const line = ++this.#line
    this.timestampIndex = -1
    this.#roles.beginLine(json)
    let count = 0
    for (let index = 0; index < json.count; index++) {
      const name = this.#roles.nameIn(json, index)
      if (name.role === noRole || replaced?.has(name.key) === true) continue
      if (name.line === line) {
        if (name.key === '@timestamp') this.timestampIndex = twice
      } else {
        name.line = line
        this.#found[count++] = name
      }
      name.index = index
    }
    return count
  }

  /** A member that a parser made. */
  member(key: string, value: unknown, digitsOf: DigitsOf): boolean {
    const role = this.#roles.of(key)
    if (role !== noRole) this.#offer(role, { key, value, digitsOf })
    return role.meetsParsed
  }

  /** The first of the list that is there and that `read` can read. */
  time(read: MemberTimes): ParsedTime | undefined {
    const times = this.#times
    if (times.isEmpty) return undefined
    for (let rank = 0; rank < times.count; rank++) {
      if (!times.has(rank)) continue
      const json = times.lineOf(rank)
      // Escapes need no look: no plain time has a backslash.
      if (json?.bytes[times.from(rank)] === 0x22) {
        const time = read.plain(json.bytes, times.from(rank) + 1, times.to(rank) - 1)
        if (time) return time
      }
      const time = read.value(times.value(rank), times.digits(rank))
      if (time) return time
    }
    return undefined
  }

  severity(): Severity {
    const levels = this.#levels
    if (levels.isEmpty) return 0
    for (let rank = 0; rank < levels.count; rank++) {
      if (!levels.has(rank)) continue
      const severity = this.#severityAt(rank)
      if (severity !== 0) return severity
    }
    return 0
  }

  #severityAt(rank: number): Severity {
    const levels = this.#levels
    const isNumber = rank >= firstOpenTelemetryRank
    const json = levels.lineOf(rank)
    if (json) return severityOfMember(json.bytes, { from: levels.from(rank), to: levels.to(rank), isNumber })
    return isNumber ? severityOfOpenTelemetry(levels.value(rank)) : severityOf(levels.value(rank))
  }

  /** What the name of a member means. */
  roleOf(key: string): MemberRole {
    return this.#roles.of(key)
  }

  /** What it found of the trace: ids, or where the line has them. */
  get trace(): Pick<TraceFinder, 'traceAt' | 'traceLength' | 'traceId' | 'spanId' | 'spanPlace'> {
    return this.#trace
  }

  #offer(
    role: MemberRole,
    { key, value, digitsOf }: { key: string; value: unknown; digitsOf: DigitsOf },
  ): void {
    for (const place of role.times) this.#times.offer(place, { key, value, digitsOf })
    for (const place of role.levels) this.#levels.offer(place, { key, value, digitsOf })
    if (role.trace !== undefined) this.#trace.offer(role.trace, value, key, digitsOf)
  }
}

/**
 * The level that a member's JSON value `bytes[from, to)` stands for; `isNumber` where its name says that it is one of
 * OpenTelemetry's numbers.
 */
export function severityOfMember(
  bytes: Buffer,
  { from, to, isNumber }: { readonly from: number; readonly to: number; readonly isNumber: boolean },
): Severity {
  if (isNumber) return severityOfOpenTelemetry(jsonValue(bytes, from, to))
  return isPlainString(bytes, from, to)
    ? severityOfBytes(bytes, from + 1, to - 1)
    : severityOf(jsonValue(bytes, from, to))
}

const twice = -2
