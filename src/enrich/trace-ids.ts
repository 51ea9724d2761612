/** The spellings of trace and span ids, each turned into lower-case hex; '' for what is no id. All-zero ids mean "none". */

const highestDecimal = 2n ** 64n

/** `length` hex digits and not all zero. By hand: it runs for each line that carries ids. */
export function hexId(text: string, length: number): string {
  if (text.length !== length) return ''
  let isZero = true
  let hasCapitals = false
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) {
      if (code !== 48) isZero = false
      continue
    }
    isZero = false
    if (code >= 65 && code <= 70) hasCapitals = true
    else if (code < 97 || code > 102) return ''
  }
  if (isZero) return ''
  return hasCapitals ? text.toLowerCase() : text
}

/** 16 or 32 lower-case hex digits between quotes, not all zero: an id as it is written by nearly everybody. */
export function isPlainHexId(bytes: Uint8Array, from: number, to: number): boolean {
  if ((to - from !== 32 && to - from !== 16) || bytes[from - 1] !== 0x22) return false
  // Without a branch for each byte: two ids of a line are 48 of them.
  let wrong = 0
  let digits = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!
    wrong |= isNoHexDigit[byte]!
    digits |= byte ^ 0x30
  }
  return wrong === 0 && digits !== 0
}

/** 0 for `0` to `9` and `a` to `f`. */
const isNoHexDigit = new Uint8Array(256).fill(1)
for (const digit of '0123456789abcdef'.split('')) isNoHexDigit[digit.charCodeAt(0)] = 0

/** 128 bits (W3C, OpenTelemetry, Datadog), 64 bits (B3), a UUID's form, or X-Ray's. */
export function traceIdOf(value: unknown): string {
  if (typeof value !== 'string') return ''
  if (value.length === 32) return hexId(value, 32)
  if (value.length === 16) return hexId(value, 16)
  if (value.length === 36 && /^\w{8}-\w{4}-\w{4}-\w{4}-\w{12}$/.test(value))
    return hexId(value.replaceAll('-', ''), 32)
  return value.length <= 200 ? (xrayIds(value)?.traceId ?? '') : ''
}

export function spanIdOf(value: unknown): string {
  return typeof value === 'string' ? hexId(value, 16) : ''
}

export interface TraceIds {
  readonly traceId: string
  readonly spanId: string
}

/** W3C: `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`; later versions may be longer, `ff` is forbidden. */
export function traceparentIds(value: unknown): TraceIds | undefined {
  if (typeof value !== 'string' || value.length < 55 || value.length > 512) return undefined
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-|$)/i.exec(value.trim())
  if (!match || match[1]!.toLowerCase() === 'ff') return undefined
  return pair(hexId(match[2]!, 32), hexId(match[3]!, 16))
}

/** B3 in one header: `TRACE-SPAN`, then the decision and the parent; a lone decision (`0`) has no ids. */
export function b3Ids(value: unknown): TraceIds | undefined {
  if (typeof value !== 'string') return undefined
  const match = /^([0-9a-f]{32}|[0-9a-f]{16})-([0-9a-f]{16})(?:-[01d](?:-[0-9a-f]{16})?)?$/i.exec(value)
  return match ? pair(hexId(match[1]!, match[1]!.length), hexId(match[2]!, 16)) : undefined
}

/** X-Ray: `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`, or the root alone. */
export function xrayIds(value: unknown): TraceIds | undefined {
  if (typeof value !== 'string' || value.length > 512) return undefined
  const root = /(?:^|Root=|Self=)1-([0-9a-f]{8})-([0-9a-f]{24})(?=[;,@ ]|$)/i.exec(value)
  if (!root) return undefined
  const parent = /(?:Parent=|@)([0-9a-f]{16})(?=[;, ]|$)/i.exec(value)
  return pair(hexId(root[1]! + root[2]!, 32), parent ? hexId(parent[1]!, 16) : '')
}

/** Google: `projects/PROJECT/traces/4bf92f3577b34da6a3ce929d0e0e4736`. */
export function googleTraceId(value: unknown): string {
  const match =
    typeof value === 'string' && value.length <= 200
      ? /^projects\/[^/]+\/traces\/([0-9a-f]{32})$/i.exec(value)
      : null
  return match ? hexId(match[1]!, 32) : ''
}

/** Datadog writes 64 bits in decimal, as a number or as text, and 128 bits as hex. */
export function datadogId(value: unknown, digits: () => string | undefined): string {
  const text = typeof value === 'number' ? numberText(value, digits) : value
  if (typeof text !== 'string') return ''
  if (/^\d{1,20}$/.test(text)) {
    const id = BigInt(text)
    return id > 0n && id < highestDecimal ? id.toString(16).padStart(16, '0') : ''
  }
  return traceIdOf(text)
}

/** Ids reach 2^64: of a number only its text in the line has all digits. */
function numberText(value: number, digits: () => string | undefined): string | undefined {
  return Number.isSafeInteger(value) ? String(value) : digits()
}

function pair(traceId: string, spanId: string): TraceIds | undefined {
  return traceId === '' ? undefined : { traceId, spanId }
}

// One search for each name: a text without them costs a native search for `trace` and nothing more.
const textTraceparent =
  /\btraceparent["']?\s?[=:]\s?["']?([0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})/i
const textTraceId = /(?<![\w.])(?:trace_id|traceId|trace\.id)=["']?([0-9a-fA-F-]{16,36})(?![\w-])/
const textSpanId = /(?<![\w.])(?:span_id|spanId|span\.id)=["']?([0-9a-fA-F]{16})(?!\w)/

/** In plain text only `traceparent`, `trace_id=`, `traceId=` and `trace.id=` say that an id follows. */
export function idsInText(text: string): TraceIds | undefined {
  if (!text.includes('trace')) return undefined
  const parent = textTraceparent.exec(text)
  const ids = parent ? traceparentIds(parent[1]) : undefined
  if (ids) return ids
  const trace = textTraceId.exec(text)
  const traceId = trace ? traceIdOf(trace[1]) : ''
  if (traceId === '') return undefined
  const span = textSpanId.exec(text)
  return { traceId, spanId: span ? hexId(span[1]!, 16) : '' }
}
