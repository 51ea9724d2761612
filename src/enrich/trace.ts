import type { TraceIds } from './trace-ids.ts'
import {
  b3Ids,
  datadogId,
  googleTraceId,
  isPlainHexId,
  spanIdOf,
  traceIdOf,
  traceparentIds,
  xrayIds,
} from './trace-ids.ts'
import type { JsonLine } from '../parsers/json-line.ts'
import { valueText } from '../parsers/json-spans.ts'
import { jsonValue } from '../parsers/json-value.ts'
import { isJsonObject } from '../parsers/json-object.ts'
import type { JsonObject } from '../parsers/json-object.ts'

/** What a member of a certain name says about the trace. The order is the order of trust where several disagree. */
export type TraceRole =
  | 'trace_id'
  | 'span_id'
  | 'traceparent'
  | 'b3_trace_id'
  | 'b3_span_id'
  | 'b3'
  | 'datadog_trace_id'
  | 'datadog_span_id'
  | 'xray'
  | 'google'
  | 'trace_object'
  | 'span_object'
  | 'datadog_object'
  | 'container'

/** By name in lower case without `-`, `_` and `.`, so that each spelling and header form is one entry. */
const roles: Readonly<Record<string, TraceRole>> = {
  traceid: 'trace_id',
  spanid: 'span_id',
  oteltraceid: 'trace_id',
  otelspanid: 'span_id',
  '@tr': 'trace_id',
  '@sp': 'span_id',
  traceparent: 'traceparent',
  httptraceparent: 'traceparent',
  xb3traceid: 'b3_trace_id',
  xb3spanid: 'b3_span_id',
  b3: 'b3',
  ddtraceid: 'datadog_trace_id',
  ddspanid: 'datadog_span_id',
  xdatadogtraceid: 'datadog_trace_id',
  xamzntraceid: 'xray',
  xraytraceid: 'xray',
  awsxraytraceid: 'xray',
  'logginggoogleapiscom/trace': 'google',
  'logginggoogleapiscom/spanid': 'span_id',
  trace: 'trace_object',
  span: 'span_object',
  dd: 'datadog_object',
  ...Object.fromEntries(
    'spancontext tracecontext otel opentelemetry tracing context ctx mdc contextmap headers requestheaders req request http attributes properties fields extra'
      .split(' ')
      .map((name) => [name, 'container' as const]),
  ),
}

const longestName = 40
const remembered = new Map<string, TraceRole | undefined>()
const mostRemembered = 4096

export function traceRole(key: string): TraceRole | undefined {
  if (key.length > longestName) return undefined
  const known = remembered.get(key)
  if (known !== undefined || remembered.has(key)) return known
  const role = roleOf(key)
  if (remembered.size >= mostRemembered) remembered.clear()
  remembered.set(key, role)
  return role
}

function roleOf(key: string): TraceRole | undefined {
  const plain = key.toLowerCase().replace(/[-_.]/g, '')
  return Object.hasOwn(roles, plain) ? roles[plain] : undefined
}

const Rank = { openTelemetry: 0, w3c: 1, b3: 2, datadog: 3, xray: 4 } as const
const rankCount = 5
/** `req.headers.traceparent` is as deep as loggers put it. */
export const deepestTrace = 3

/** Looks for ids in the members of one event. Ids of one form stay together: a trace id is not paired with a foreign span. */
export class TraceFinder {
  readonly #traces: string[] = Array.from({ length: rankCount }, () => '')
  readonly #spans: string[] = Array.from({ length: rankCount }, () => '')
  #isEmpty = true
  /** Where the line at hand has its trace id, as it is to be kept. */
  traceAt: number | undefined
  traceLength = 0
  #spanAt: number | undefined

  reset(): void {
    if (this.#isEmpty) return
    this.traceAt = undefined
    this.#spanAt = undefined
    for (let rank = 0; rank < rankCount; rank++) {
      this.#traces[rank] = ''
      this.#spans[rank] = ''
    }
    this.#isEmpty = true
  }

  /** `digits` gives a number at a path as it is written. */
  offer(role: TraceRole, value: unknown, path: string, digits: (path: string) => string | undefined): void {
    switch (role) {
      case 'trace_id':
        return this.#add(Rank.openTelemetry, traceIdOf(value), '')
      case 'span_id':
        return this.#add(Rank.openTelemetry, '', spanIdOf(value))
      case 'traceparent':
        return this.#addPair(Rank.w3c, traceparentIds(value))
      case 'b3':
        return this.#addPair(Rank.b3, b3Ids(value))
      case 'b3_trace_id':
        return this.#add(Rank.b3, traceIdOf(value), '')
      case 'b3_span_id':
        return this.#add(Rank.b3, '', spanIdOf(value))
      case 'datadog_trace_id':
        return this.#add(
          Rank.datadog,
          datadogId(value, () => digits(path)),
          '',
        )
      case 'datadog_span_id':
        return this.#add(
          Rank.datadog,
          '',
          datadogId(value, () => digits(path)),
        )
      case 'xray':
        return this.#addPair(Rank.xray, xrayIds(value))
      case 'google':
        return this.#add(Rank.openTelemetry, googleTraceId(value), '')
      case 'trace_object':
      case 'span_object':
      case 'datadog_object':
      case 'container':
        if (isJsonObject(value)) this.#offerInside(role, value, { path, digits, depth: 1 })
    }
  }

  /** A member of the line. The usual form, hex digits in lower case, is taken out of its bytes as it stands. */
  offerMember(role: TraceRole, json: JsonLine, { index, key }: { index: number; key: string }): void {
    const from = json.valueStart(index)
    const to = json.valueEnd(index)
    const isId = role === 'trace_id' || role === 'span_id'
    if (isId && isPlainHexId(json.bytes, from + 1, to - 1)) {
      this.#addPlace(role, from + 1 - json.start, to - from - 2)
      return
    }
    const value = jsonValue(json.bytes, from, to)
    this.offer(role, value, key, (path) =>
      path === key
        ? json.bytes.toString('utf8', from, to)
        : valueText(json.bytes, path.slice(key.length + 1), from),
    )
  }

  /** '' also where `traceAt` says where the line has it. */
  traceId(): string {
    const rank = this.#isEmpty || this.traceAt !== undefined ? -1 : this.#traceRank()
    return rank < 0 ? '' : this.#traces[rank]!
  }

  /** Of the same form as the trace id; the best there is where that form has none. '' where `spanPlace` says it. */
  spanId(): string {
    if (this.#isEmpty || this.spanPlace() !== undefined) return ''
    const rank = this.#traceRank()
    if (rank < 0 || this.#spans[rank] === '') return this.#spans.find((id) => id !== '') ?? ''
    return this.#spans[rank]!
  }

  /** Places are OpenTelemetry's ids, the best form: only another form's pair leaves the span there unused. */
  spanPlace(): number | undefined {
    if (this.#spanAt === undefined) return undefined
    const rank = this.#traceRank()
    return rank <= 0 || this.#spans[rank] === '' ? this.#spanAt : undefined
  }

  #traceRank(): number {
    if (this.traceAt !== undefined) return 0
    for (let rank = 0; rank < rankCount; rank++) if (this.#traces[rank] !== '') return rank
    return -1
  }

  /** The first of the form stays, as in `#add`. */
  #addPlace(role: TraceRole, at: number, length: number): void {
    if (role === 'trace_id') {
      if (this.traceAt !== undefined || this.#traces[Rank.openTelemetry] !== '') return
      this.traceAt = at
      this.traceLength = length
    } else if (length === 16 && this.#spanAt === undefined && this.#spans[Rank.openTelemetry] === '') {
      this.#spanAt = at
    }
    this.#isEmpty = false
  }

  #offerInside(role: TraceRole, object: JsonObject, at: Inside): void {
    for (const key in object) {
      const found = roleInside(role, key)
      if (found === undefined) continue
      const path = `${at.path}.${key}`
      const value = object[key]
      if (!isJsonObject(value)) this.offer(found, value, path, at.digits)
      else if (at.depth < deepestTrace) this.#offerInside(found, value, { ...at, path, depth: at.depth + 1 })
    }
  }

  #addPair(rank: number, ids: TraceIds | undefined): void {
    if (ids) this.#add(rank, ids.traceId, ids.spanId)
  }

  /** The first of a form stays. */
  #add(rank: number, traceId: string, spanId: string): void {
    if (traceId === '' && spanId === '') return
    this.#isEmpty = false
    const isBest = rank === Rank.openTelemetry
    if (this.#traces[rank] === '' && !(isBest && this.traceAt !== undefined)) this.#traces[rank] = traceId
    if (this.#spans[rank] === '' && !(isBest && this.#spanAt !== undefined)) this.#spans[rank] = spanId
  }
}

interface Inside {
  readonly path: string
  readonly digits: (path: string) => string | undefined
  readonly depth: number
}

/** Inside `dd` the names are Datadog's, inside `trace` and `span` the id may be called just `id`. */
export function roleInside(outer: TraceRole, key: string): TraceRole | undefined {
  if (key === 'id' && outer === 'trace_object') return 'trace_id'
  if (key === 'id' && outer === 'span_object') return 'span_id'
  const role = traceRole(key)
  if (outer !== 'datadog_object') return role
  if (role === 'trace_id') return 'datadog_trace_id'
  return role === 'span_id' ? 'datadog_span_id' : role
}
