import { Body, EventFlag, Suppressed } from '../core/event.ts'
import type { DraftEvent, Edit } from '../core/event.ts'
import { applyEdits, findCollisions } from '../enrich/collisions.ts'
import type { Collisions } from '../enrich/collisions.ts'
import type { AgentPaths } from '../enrich/agent-paths.ts'
import type { EventFacts } from '../enrich/event-facts.ts'
import { MemberRoles } from '../enrich/member-roles.ts'
import { MemberScan } from '../enrich/member-scan.ts'
import type { Meets } from '../enrich/member-scan.ts'
import { idsInText } from '../enrich/trace-ids.ts'
import type { ParsedLine } from '../parsers/chain.ts'
import type { JsonObject } from '../parsers/json-object.ts'
import { valueText } from '../parsers/json-spans.ts'
import type { AddedMember } from '../parsers/parser.ts'
import { isPlausible } from '../parsers/time.ts'
import type { TimeReader } from '../parsers/time.ts'
import { isRfc3339 } from '../parsers/time-rfc3339.ts'
import type { ParsedTime } from '../parsers/time-value.ts'
import { Bumps } from './bumps.ts'

/** One line, out of its wrapper and as valid UTF-8. */
export interface CleanLine {
  readonly bytes: Buffer
  readonly text: string
  readonly from: number
  readonly to: number
  readonly flags: number
  /** Of the wrapper, else '' and undefined. */
  readonly stream: string
  readonly time: ParsedTime | undefined
}

export interface EventMakerOptions {
  readonly paths: AgentPaths
  readonly findsTrace: boolean
  readonly timeNames: readonly string[]
  /** As configured, and `auto` for an own `@timestamp` that isn't the configured field. */
  readonly times: TimeReader
  readonly anyTimes: TimeReader
  readonly routes: number
  readonly bumps: Bumps
}

const noEdits: readonly Edit[] = []
const noDigits = (): undefined => undefined
const onlyOurTime: Collisions = { edits: noEdits, suppressed: Suppressed.timestamp, saysStream: false }

/** Decides all that an event is: its time, level, ids, and what a document has to change about the line. */
export class EventMaker {
  readonly #options: EventMakerOptions
  readonly #scan: MemberScan
  readonly #facts: EventFacts
  #nowSeconds = 0
  #reading: ParsedTime = { seconds: 0, nanos: 0, precision: 3 }
  #line: Buffer = Buffer.alloc(0)

  constructor(options: EventMakerOptions) {
    this.#options = options
    const { paths, timeNames, findsTrace } = options
    this.#scan = new MemberScan(new MemberRoles({ timeNames, paths, findsTrace }), timeNames.length)
    this.#facts = {
      from: 0,
      time: this.#reading,
      isTimeOfReading: false,
      severity: 0,
      traceId: '',
      spanId: '',
      stream: '',
      readTime: (value, digits) => this.#readTime(value, digits) ?? this.#readAnyTime(value, digits),
    }
  }

  /** One instant of reading for all lines that are read together. */
  readAt(nowMs: number): void {
    const seconds = Math.floor(nowMs / 1000)
    this.#nowSeconds = seconds
    this.#reading = { seconds, nanos: Math.floor(nowMs - seconds * 1000) * 1e6, precision: 3 }
  }

  make(line: CleanLine, parsed: ParsedLine): DraftEvent {
    const meets = this.#look(line, parsed)
    const { time, isTimeOfReading, severity, traceId, spanId } = this.#facts
    const { bumps, routes } = this.#options
    const bump = isTimeOfReading ? bumps.nextOfReading(time) : bumps.next(time)
    const own =
      parsed.own && meets.own !== 'nothing' ? this.#ownCollisions(line, parsed, meets.own) : undefined
    const added = this.#membersText(parsed, meets.added, own?.saysStream === true)
    return {
      from: line.from,
      to: line.to,
      time,
      precision: time.precision,
      bump,
      severity,
      flags: isTimeOfReading ? line.flags | EventFlag.timeOfReading : line.flags,
      body: parsed.own ? Body.json : parsed.isTakenApart ? Body.members : Body.message,
      line: line.bytes,
      traceId,
      spanId,
      members: added.members,
      edits: own ? own.edits : noEdits,
      suppressed: (own ? own.suppressed : 0) | added.suppressed,
      routes,
    }
  }

  /** Fills the facts; tells whose names begin like paths of ours. */
  #look(line: CleanLine, parsed: ParsedLine): { own: Meets; added: boolean } {
    const scan = this.#scan
    scan.reset()
    this.#line = line.bytes
    const meets: { own: Meets; added: boolean } = { own: 'nothing', added: false }
    const replaced = parsed.added.length === 0 ? undefined : new Set(parsed.added.map((member) => member.key))
    for (const member of parsed.added) {
      if (scan.member(member.key, member.value, (path) => digitsOf(member, path))) meets.added = true
    }
    if (parsed.own) meets.own = scan.object(parsed.own, this.#ownDigits, replaced)
    if (replaced) meets.own = 'others'
    const facts = this.#facts
    const time = scan.time(this.#readPlausible) ?? plausible(line.time, this.#nowSeconds)
    facts.from = line.from
    facts.time = time ?? this.#reading
    facts.isTimeOfReading = time === undefined
    facts.severity = scan.severity()
    facts.stream = line.stream
    this.#findTrace(line, parsed)
    return meets
  }

  #findTrace(line: CleanLine, parsed: ParsedLine): void {
    const facts = this.#facts
    facts.traceId = this.#scan.traceId()
    facts.spanId = this.#scan.spanId()
    if (facts.traceId !== '' || parsed.own || !this.#options.findsTrace) return
    const ids = idsInText(line.text)
    if (!ids) return
    facts.traceId = ids.traceId
    if (facts.spanId === '') facts.spanId = ids.spanId
  }

  #ownCollisions(line: CleanLine, parsed: ParsedLine, meets: Meets): Collisions {
    const own = parsed.own ?? {}
    if (meets === 'timestamp' && this.#saysOurTime(line, own)) return onlyOurTime
    const names = new Set(parsed.added.map((member) => member.key))
    return findCollisions(line.bytes, own, { paths: this.#options.paths, facts: this.#facts }, names)
  }

  /** The usual case, without a look at the bytes (half of the lane's work on such lines): `@timestamp` stands there once. */
  #saysOurTime(line: CleanLine, own: JsonObject): boolean {
    const value = own['@timestamp']
    const { time, isTimeOfReading } = this.#facts
    if (isTimeOfReading || typeof value !== 'string' || !isRfc3339(value)) return false
    const first = line.text.indexOf('"@timestamp"')
    const isAlone =
      first >= 0 && line.text.indexOf('"@timestamp"', first + 1) < 0 && !line.text.includes('\\u')
    if (!isAlone) return false
    const said = this.#facts.readTime(value, noDigits)
    return said !== undefined && said.seconds === time.seconds && said.nanos === time.nanos
  }

  /** The members that parsers made, without braces. Theirs meet our paths as the line's own do. */
  #membersText(
    parsed: ParsedLine,
    meets: boolean,
    saysStream: boolean,
  ): { members: string; suppressed: number } {
    let members = parsed.added.length === 0 ? '' : parsed.added.map(memberText).join(',')
    let suppressed = 0
    let isStreamSaid = saysStream
    if (meets) {
      const json = Buffer.from(`{${members}}`)
      const object = Object.fromEntries(parsed.added.map(({ key, value }) => [key, value]))
      const where = { paths: this.#options.paths, facts: this.#facts, areParsed: true }
      const found = findCollisions(json, object, where)
      members = applyEdits(json, found.edits).slice(1, -1)
      suppressed = found.suppressed
      isStreamSaid ||= found.saysStream
    }
    const stream = this.#facts.stream
    if (stream !== '' && !isStreamSaid) members = joinMembers(`"stream":"${stream}"`, members)
    if (parsed.parseError !== '') members = joinMembers(members, `"parse_error":"${parsed.parseError}"`)
    return { members, suppressed }
  }

  // Bound once: a closure for each line would cost more than what it does.
  readonly #ownDigits = (path: string): string | undefined => valueText(this.#line, path)

  readonly #readPlausible = (value: unknown, digits: () => string | undefined): ParsedTime | undefined =>
    plausible(this.#readTime(value, digits), this.#nowSeconds)

  #readTime(value: unknown, digits: () => string | undefined): ParsedTime | undefined {
    return this.#options.times.read(value, digits, this.#nowSeconds)
  }

  #readAnyTime(value: unknown, digits: () => string | undefined): ParsedTime | undefined {
    return this.#options.anyTimes.read(value, digits, this.#nowSeconds)
  }
}

function plausible(time: ParsedTime | undefined, nowSeconds: number): ParsedTime | undefined {
  return time && isPlausible(time, nowSeconds) ? time : undefined
}

const memberText = (member: AddedMember): string => `${JSON.stringify(member.key)}:${member.json}`

const joinMembers = (a: string, b: string): string => (a === '' || b === '' ? a + b : `${a},${b}`)

/** A number of a parser's member as it is written. */
function digitsOf(member: AddedMember, path: string): string | undefined {
  return path === member.key
    ? member.json
    : valueText(Buffer.from(member.json), path.slice(member.key.length + 1))
}
