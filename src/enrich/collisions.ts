import { severityNames, suppressibleSharedMembers, Suppressed } from '../core/event.ts'
import type { Edit } from '../core/event.ts'
import { isJsonObject, memberOf } from '../parsers/json-object.ts'
import type { JsonObject } from '../parsers/json-object.ts'
import { cutMembers, memberSpans, skipSpace } from '../parsers/json-spans.ts'
import type { MemberSpan } from '../parsers/json-spans.ts'
import { formatRfc3339, isRfc3339 } from '../parsers/time-rfc3339.ts'
import type { ParsedTime } from '../parsers/time-value.ts'
import { childPath } from './agent-paths.ts'
import type { AgentLeaf, AgentPaths } from './agent-paths.ts'
import type { EventFacts } from './event-facts.ts'
import { SiblingNames } from './sibling-names.ts'

export interface Collisions {
  /** Ascending, never overlapping. */
  readonly edits: readonly Edit[]
  /** Bits of `Suppressed`. */
  readonly suppressed: number
  /** The line says itself which stream it came from. */
  readonly saysStream: boolean
}

interface Where {
  readonly paths: AgentPaths
  readonly facts: EventFacts
  /** The members are a parser's, which may write what is its own (`log.logger`). */
  readonly areParsed?: boolean
}

const noNames: ReadonlySet<string> = new Set()

/**
 * Where a JSON object's own members meet the agent's paths: what says the same is not written twice, what says something
 * else gets `_original` at the segment where they meet. Members named in `replaced` are cut, a parser has made them anew.
 */
export function findCollisions(
  json: Buffer,
  object: JsonObject,
  where: Where,
  replaced: ReadonlySet<string> = noNames,
): Collisions {
  const walk = new Walk(json, where.facts, where.areParsed === true)
  walk.object({ at: skipSpace(json, 0), object, node: where.paths }, replaced)
  return {
    edits: walk.edits.sort((a, b) => a.at - b.at),
    suppressed: walk.suppressed,
    saysStream: walk.saysStream,
  }
}

interface Level {
  /** Of the opening brace. */
  readonly at: number
  readonly object: JsonObject
  readonly node: AgentPaths
}

/** A member at the segment of its name where it meets the agent's tree. */
interface Meeting {
  readonly level: Level
  readonly span: MemberSpan
  readonly segments: readonly string[]
  readonly index: number
  readonly node: AgentPaths
  readonly names: SiblingNames
}

class Walk {
  readonly edits: Edit[] = []
  suppressed = 0
  saysStream = false
  readonly #json: Buffer
  readonly #facts: EventFacts
  readonly #areParsed: boolean

  constructor(json: Buffer, facts: EventFacts, areParsed: boolean) {
    this.#json = json
    this.#facts = facts
    this.#areParsed = areParsed
  }

  /** As deep as the agent's tree and no deeper, whatever the line nests. */
  object(level: Level, replaced: ReadonlySet<string>): void {
    const json = this.#json
    const spans = memberSpans(json, level.at, replaced.size === 0 ? level.node.firstBytes : undefined)
    const names = new SiblingNames(level.object, spans.length, () =>
      memberSpans(json, level.at).map((span) => span.key),
    )
    let isCut: boolean[] | undefined
    for (let index = 0; index < spans.length; index++) {
      const span = spans[index]!
      if (!replaced.has(span.key) && (span.key === '' || this.#member(level, span, names) !== 'cut')) continue
      isCut ??= []
      isCut[index] = true
    }
    if (isCut) this.edits.push(...cutMembers(spans, isCut))
  }

  #member(level: Level, span: MemberSpan, names: SiblingNames): 'cut' | undefined {
    const segments = span.key.includes('.') ? span.key.split('.') : [span.key]
    let node = level.node
    for (let index = 0; index < segments.length; index++) {
      const next = childPath(node, segments[index]!)
      if (next === undefined) return undefined
      const meeting = { level, span, segments, index, node, names }
      const isLast = index === segments.length - 1
      if (next.leaf) return isLast ? this.#leaf(meeting, next.leaf) : this.#rename(meeting)
      if (isLast) return this.#inner(meeting, next)
      node = next
    }
    return undefined
  }

  /** Fields of ours stand below this member: an object may hold others beside them, anything else is in the way. */
  #inner(meeting: Meeting, node: AgentPaths): undefined {
    const { level, span } = meeting
    const value = memberOf(level.object, span.key)
    const isObject = this.#json[span.valueStart] === 0x7b && isJsonObject(value)
    if (isObject) this.object({ at: span.valueStart, object: value, node }, noNames)
    else this.#rename(meeting)
  }

  #leaf(meeting: Meeting, leaf: AgentLeaf): 'cut' | undefined {
    const { level, span, names } = meeting
    if (leaf.kind === 'timestamp') return this.#timestamp(meeting)
    if (leaf.kind === 'parser' && this.#areParsed && !names.isDuplicate(span.key)) return undefined
    // Of two members with one name neither can stand for ours: Elasticsearch refuses the pair anyway.
    if (names.isDuplicate(span.key) || !this.#isSame(leaf, memberOf(level.object, span.key)))
      return this.#rename(meeting)
    return this.#suppress(leaf)
  }

  #isSame(leaf: AgentLeaf, value: unknown): boolean {
    const facts = this.#facts
    switch (leaf.kind) {
      case 'shared':
        return isSameValue(facts.sharedValue(leaf.index), value)
      case 'level':
        return facts.severity !== 0 && value === severityNames[facts.severity]
      case 'trace_id':
        return facts.traceId !== '' && value === facts.traceId
      case 'span_id':
        return facts.spanId !== '' && value === facts.spanId
      case 'offset':
        return value === facts.from
      case 'stream':
        return facts.stream !== '' && value === facts.stream
      case 'timestamp':
      case 'event':
      case 'parser':
      case 'reserved':
        break
    }
    return false
  }

  #suppress(leaf: AgentLeaf): 'cut' | undefined {
    if (leaf.kind === 'stream') this.saysStream = true
    else if (leaf.kind === 'shared') {
      // Beyond the bits that there are, the line's own member makes room for ours.
      if (leaf.index >= suppressibleSharedMembers) return 'cut'
      this.suppressed |= Suppressed.shared0 << leaf.index
    } else this.suppressed |= suppressedBit[leaf.kind]
    return undefined
  }

  #timestamp(meeting: Meeting): undefined {
    const { level, span, names } = meeting
    const value = memberOf(level.object, span.key)
    const raw = this.#json.toString('utf8', span.valueStart, span.valueEnd)
    const own = names.isDuplicate(span.key) ? (JSON.parse(raw) as unknown) : value
    const time = this.#facts.readTime(own, () => raw)
    if (!time || !isWritable(time)) {
      this.#rename(meeting, '_invalid')
      if (typeof own !== 'string') this.#replaceValue(span, JSON.stringify(raw))
      return
    }
    if (names.isDuplicate(span.key) || !this.#isOurTime(time)) this.#rename(meeting)
    else this.suppressed |= Suppressed.timestamp
    // A line's own offset stays as it was written; what a parser took out of a text is ours to write: in UTC.
    const isKept = typeof own === 'string' && isRfc3339(own) && !(this.#areParsed && !own.endsWith('Z'))
    if (!isKept) this.#replaceValue(span, `"${formatRfc3339(time)}"`)
  }

  #isOurTime(time: ParsedTime): boolean {
    const { time: ours, isTimeOfReading } = this.#facts
    return !isTimeOfReading && time.seconds === ours.seconds && time.nanos === ours.nanos
  }

  #rename(meeting: Meeting, suffix = '_original'): undefined {
    const { span, segments, index, node, names } = meeting
    const renamed = names.free(segments, index, { suffix, isOurs: (segment) => node.children.has(segment) })
    this.edits.push({ at: span.keyStart, cut: span.keyEnd - span.keyStart, insert: JSON.stringify(renamed) })
  }

  #replaceValue(span: MemberSpan, insert: string): void {
    this.edits.push({ at: span.valueStart, cut: span.valueEnd - span.valueStart, insert })
  }
}

const suppressedBit = {
  timestamp: Suppressed.timestamp,
  level: Suppressed.level,
  trace_id: Suppressed.traceId,
  span_id: Suppressed.spanId,
  offset: Suppressed.offset,
  event: 0,
  parser: 0,
  reserved: 0,
} as const

function isSameValue(ours: unknown, theirs: unknown): boolean {
  if (!Array.isArray(ours) || !Array.isArray(theirs)) return ours === theirs
  return ours.length === theirs.length && ours.every((value, index) => value === theirs[index])
}

/** RFC 3339 has four digits for the year. */
const isWritable = (time: ParsedTime): boolean =>
  time.seconds >= -62_135_596_800 && time.seconds < 253_402_300_800

/** The object's text after its edits. */
export function applyEdits(json: Buffer, edits: readonly Edit[]): string {
  let text = ''
  let at = 0
  for (const edit of edits) {
    text += json.toString('utf8', at, edit.at) + edit.insert
    at = edit.at + edit.cut
  }
  return text + json.toString('utf8', at)
}
