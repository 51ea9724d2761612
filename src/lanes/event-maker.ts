import { Body, EventFlag, spanIdLength, Suppressed } from '../core/event.ts'
import type { DraftEvent, Edit, Instant } from '../core/event.ts'
import { applyEdits, findCollisions } from '../enrich/collisions.ts'
import type { Collisions } from '../enrich/collisions.ts'
import type { AgentPaths } from '../enrich/agent-paths.ts'
import type { EventFacts } from '../enrich/event-facts.ts'
import { MemberRoles } from '../enrich/member-roles.ts'
import type { MemberRole } from '../enrich/member-roles.ts'
import { MemberScan } from '../enrich/member-scan.ts'
import type { Meets, MemberTimes } from '../enrich/member-scan.ts'
import { idsInText } from '../enrich/trace-ids.ts'
import type { ParsedLine } from '../parsers/chain.ts'
import type { JsonLine } from '../parsers/json-line.ts'
import { jsonValue } from '../parsers/json-value.ts'
import { valueText } from '../parsers/json-spans.ts'
import type { AddedMember } from '../parsers/parser.ts'
import { isPlausible } from '../parsers/time.ts'
import type { TimeReader } from '../parsers/time.ts'
import { isRfc3339 } from '../parsers/time-rfc3339.ts'
import type { ParsedTime } from '../parsers/time-value.ts'
import { Bumps } from './bumps.ts'
import type { CleanLine } from './clean-line.ts'
import type { EventPool } from './event-pool.ts'

export interface EventMakerOptions {
  readonly paths: AgentPaths
  readonly findsTrace: boolean
  readonly timeNames: readonly string[]
  /** As configured, and `auto` for an own `@timestamp` that isn't the configured field. */
  readonly times: TimeReader
  readonly anyTimes: TimeReader
  readonly pool: EventPool
}

/** What is a file's own in the making of its events. */
export interface FileOfEvents {
  readonly bumps: Bumps
  /** Of its shared members, by their places. */
  sharedValue(index: number): unknown
}

/** Before the first file; it is in nobody's way. */
const noFile: FileOfEvents = { bumps: new Bumps({ seconds: 0, nanos: 0 }, 0), sharedValue: () => undefined }

const noEdits: readonly Edit[] = []
const onlyOurTime: Collisions = { edits: noEdits, suppressed: Suppressed.timestamp, saysStream: false }

/**
 * Decides all that an event is: its time, level, ids, and what a document has to change about the line. One serves for
 * all files of a source: with one for each, ten thousand files took half a gigabyte.
 */
export class EventMaker {
  readonly #options: EventMakerOptions
  readonly #scan: MemberScan
  readonly #facts: EventFacts
  readonly #meets: { own: Meets; added: boolean } = { own: 'nothing', added: false }
  #file = noFile
  #nowSeconds = 0
  #reading: ParsedTime = { seconds: 0, nanos: 0, precision: 3 }

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
      sharedValue: (index) => this.#file.sharedValue(index),
      readTime: (value, digits) => this.#readTime(value, digits) ?? this.#readAnyTime(value, digits),
    }
  }

  /** The next lines are of this file, read together at one instant: the one that it returns. */
  begin(file: FileOfEvents, nowMs: number): Instant {
    this.#file = file
    const seconds = Math.floor(nowMs / 1000)
    this.#nowSeconds = seconds
    this.#reading = { seconds, nanos: Math.floor(nowMs - seconds * 1000) * 1e6, precision: 3 }
    return this.#reading
  }

  /** That a line's own members may meet. */
  get paths(): AgentPaths {
    return this.#options.paths
  }

  /** What the name of a line's member means. */
  roleOf(key: string): MemberRole {
    return this.#scan.roleOf(key)
  }

  /** `routes`: the bits of the sinks that it goes to. */
  make(line: CleanLine, parsed: ParsedLine, routes: number): DraftEvent {
    const meets = this.#look(line, parsed)
    const { time, isTimeOfReading, severity } = this.#facts
    const { bumps } = this.#file
    const bump = isTimeOfReading ? bumps.nextOfReading(time) : bumps.next(time)
    const places = this.#scan.trace
    const traceAt = places.traceAt
    const spanAt = places.spanPlace()
    // Before ids are compared with what the line says: then they are wanted as texts.
    if (meets.own !== 'nothing' || meets.added) this.#spellIds(line, traceAt, spanAt)
    const own =
      parsed.own && meets.own !== 'nothing' ? this.#ownCollisions(parsed.own, parsed, meets.own) : undefined
    const hasMembers = parsed.added.length > 0 || parsed.parseError !== '' || line.stream !== ''
    const added = hasMembers ? this.#membersText(parsed, meets.added, own?.saysStream === true) : nothingAdded
    const event = this.#options.pool.take()
    event.from = line.from
    event.to = line.to
    event.setTime(time)
    event.precision = time.precision
    event.bump = bump
    event.severity = severity
    event.flags = isTimeOfReading ? line.flags | EventFlag.timeOfReading : line.flags
    event.body = parsed.own ? Body.json : parsed.isTakenApart ? Body.members : Body.message
    event.bytes = line.bytes
    event.lineAt = line.start
    event.lineLength = line.end - line.start
    event.traceId = traceAt === undefined ? this.#facts.traceId : ''
    event.spanId = spanAt === undefined ? this.#facts.spanId : ''
    event.traceAt = traceAt
    event.traceLength = places.traceLength
    event.spanAt = spanAt
    event.members = added.members
    event.edits = own ? own.edits : noEdits
    event.suppressed = (own ? own.suppressed : 0) | added.suppressed
    event.routes = routes
    return event
  }

  /** Fills the facts; tells whose names begin like paths of ours. */
  #look(line: CleanLine, parsed: ParsedLine): { own: Meets; added: boolean } {
    const scan = this.#scan
    scan.reset()
    const meets = this.#meets
    meets.own = 'nothing'
    meets.added = false
    const replaced = parsed.added.length === 0 ? undefined : new Set(parsed.added.map((member) => member.key))
    for (const member of parsed.added) {
      if (scan.member(member.key, member.value, (path) => digitsOf(member, path))) meets.added = true
    }
    if (parsed.own) meets.own = scan.object(parsed.own, replaced)
    if (replaced) meets.own = 'others'
    const facts = this.#facts
    const time = scan.time(this.#memberTimes) ?? plausible(line.time, this.#nowSeconds)
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
    const { trace } = this.#scan
    facts.traceId = trace.traceId()
    facts.spanId = trace.spanId()
    if (facts.traceId !== '' || parsed.own || !this.#options.findsTrace) return
    const ids = idsInText(line.text)
    if (!ids) return
    facts.traceId = ids.traceId
    if (facts.spanId === '') facts.spanId = ids.spanId
  }

  #spellIds({ bytes, start }: CleanLine, traceAt: number | undefined, spanAt: number | undefined): void {
    const facts = this.#facts
    const textAt = (at: number, length: number): string =>
      bytes.toString('latin1', start + at, start + at + length)
    if (traceAt !== undefined) facts.traceId = textAt(traceAt, this.#scan.trace.traceLength)
    if (spanAt !== undefined) facts.spanId = textAt(spanAt, spanIdLength)
  }

  #ownCollisions(own: JsonLine, parsed: ParsedLine, meets: Meets): Collisions {
    if (meets === 'timestamp' && this.#saysOurTime(own)) return onlyOurTime
    const names = new Set(parsed.added.map((member) => member.key))
    return findCollisions(own.view(), own.object, { paths: this.#options.paths, facts: this.#facts }, names)
  }

  /** The usual case, without an object made of the line: `@timestamp` stands there once, and as we would write it. */
  #saysOurTime(own: JsonLine): boolean {
    const { time, isTimeOfReading } = this.#facts
    const index = this.#scan.timestampIndex
    if (isTimeOfReading) return false
    const from = own.valueStart(index)
    const to = own.valueEnd(index)
    const value = jsonValue(own.bytes, from, to)
    if (typeof value !== 'string' || !isRfc3339(value)) return false
    const said = this.#facts.readTime(value, () => undefined)
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
  readonly #memberTimes: MemberTimes = {
    plain: (bytes, from, to) => plausible(this.#options.times.readBytes(bytes, from, to), this.#nowSeconds),
    value: (value, digits) => plausible(this.#readTime(value, digits), this.#nowSeconds),
  }

  #readTime(value: unknown, digits: () => string | undefined): ParsedTime | undefined {
    return this.#options.times.read(value, digits, this.#nowSeconds)
  }

  #readAnyTime(value: unknown, digits: () => string | undefined): ParsedTime | undefined {
    return this.#options.anyTimes.read(value, digits, this.#nowSeconds)
  }
}

const nothingAdded = { members: '', suppressed: 0 } as const

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
