import { decodeLabels, type DecodedEntry, type DecodedStream } from './loki-decode.ts'

/** What Loki 3.7.8 checks with its default limits, and its words for it; compare test/fixtures/loki/answers.json. */
export interface LokiLimits {
  readonly maxAgeSeconds: number
  readonly graceSeconds: number
  readonly windowSeconds: number
  readonly maxLineBytes: number
  readonly maxStreams: number
  /** Of one push, for the tenant: above it nothing is stored. */
  readonly burstBytes: number
}

export const defaultLimits: LokiLimits = {
  maxAgeSeconds: 7 * 86_400,
  graceSeconds: 600,
  windowSeconds: 3600,
  maxLineBytes: 256 * 1024,
  maxStreams: 5000,
  burstBytes: 6 * 1024 ** 2,
}

const grpcBytes = 4 * 1024 ** 2

export interface Verdict {
  readonly status: number
  readonly text: string
}

/** Labels in their canonical order with the service_name that Loki adds: what tells streams apart. */
export interface CheckedStream {
  readonly labels: string
  readonly entries: readonly DecodedEntry[]
}

/** Keeps the entries; returns those that the stream's rate leaves no room for. */
type Store = (stream: CheckedStream) => readonly DecodedEntry[] | void

export const accepted: Verdict = { status: 204, text: '' }

/** Holds streams and their newest times, as an ingester does. */
export class LokiRules {
  readonly #limits: LokiLimits
  readonly #newest = new Map<string, bigint>()

  constructor(limits: Partial<LokiLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits }
  }

  /** Answers what Loki would, and calls `store` with what it would keep. Throws `DecodeError` for bad labels. */
  push(streams: readonly DecodedStream[], nowMs: number, store: Store): Verdict {
    if (streams.length === 0) {
      return { status: 422, text: 'error at least one valid stream is required for ingestion' }
    }
    const refused: string[] = []
    const checked = streams
      .map((stream) => this.#checkStream(stream, nowMs, refused))
      .filter((stream) => stream.entries.length > 0)
    const bytes = checked
      .flatMap((stream) => stream.entries)
      .reduce((sum, entry) => sum + entryBytes(entry), 0)
    const tooMuch = this.#checkSize(checked, bytes)
    if (tooMuch) return tooMuch
    // As the real one: the ingester's answer speaks of the last stream only, and hides what the distributor said.
    let last = accepted
    for (const stream of checked) last = this.#ingest(stream, store)
    if (last.status !== 204) return last
    return refused.length > 0 ? { status: 400, text: grouped(refused) } : accepted
  }

  #checkStream(stream: DecodedStream, nowMs: number, refused: string[]): CheckedStream {
    const pairs = decodeLabels(stream.labels)
    const labels = canonical(pairs)
    const problem = labelProblem(pairs, labels)
    if (problem) {
      refused.push(problem)
      return { labels, entries: [] }
    }
    const entries = stream.entries.filter((entry) => {
      const text = this.#entryProblem(entry, labels, nowMs)
      if (text) refused.push(text)
      return text === undefined
    })
    return { labels, entries }
  }

  #entryProblem(entry: DecodedEntry, labels: string, nowMs: number): string | undefined {
    const seconds = Number(entry.time / 1_000_000_000n)
    const oldest = nowMs / 1000 - this.#limits.maxAgeSeconds
    if (seconds < oldest) {
      return `entry for stream '${labels}' has timestamp too old: ${rfc3339(seconds)}, oldest acceptable timestamp is: ${rfc3339(oldest)}`
    }
    if (seconds > nowMs / 1000 + this.#limits.graceSeconds) {
      return `entry for stream '${labels}' has timestamp too new: ${rfc3339(seconds)}`
    }
    const length = Buffer.byteLength(entry.line)
    if (length > this.#limits.maxLineBytes) {
      return `max entry size '${this.#limits.maxLineBytes}' bytes exceeded for stream '${labels}' while adding an entry with length '${length}' bytes`
    }
    const size = entryBytes(entry) - length
    if (size > 65_536) {
      return `stream '${labels}' has structured metadata too large: '${size}' bytes, limit: '65536' bytes. Please see \`limits_config.max_structured_metadata_size\` or contact your Loki administrator to increase it`
    }
    const count = entry.metadata.length
    if (count <= 128) return undefined
    return `stream '${labels}' has too many structured metadata labels: '${count}', limit: '128'. Please see \`limits_config.max_structured_metadata_entries_count\` or contact your Loki administrator to increase it`
  }

  #checkSize(streams: readonly CheckedStream[], bytes: number): Verdict | undefined {
    const lines = streams.reduce((sum, stream) => sum + stream.entries.length, 0)
    if (bytes > this.#limits.burstBytes) {
      return {
        status: 429,
        text: `ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec) while attempting to ingest '${lines}' lines totaling '${bytes}' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased`,
      }
    }
    if (bytes <= grpcBytes) return undefined
    return {
      status: 500,
      text: `rpc error: code = ResourceExhausted desc = grpc: received message larger than max (${bytes} vs. ${grpcBytes})`,
    }
  }

  #ingest(stream: CheckedStream, store: Store): Verdict {
    const known = this.#newest.get(stream.labels)
    if (known === undefined && this.#newest.size >= this.#limits.maxStreams) {
      return {
        status: 429,
        text: `maximum active stream limit exceeded when trying to create stream ${stream.labels}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: 'fake'`,
      }
    }
    let newest = known ?? 0n
    const ignored = new Map<DecodedEntry, string>()
    const kept = stream.entries.filter((entry) => {
      const oldest = newest - BigInt(this.#limits.windowSeconds) * 1_000_000_000n
      if (newest > 0n && entry.time < oldest) {
        ignored.set(entry, tooFarBehind(entry, oldest))
        return false
      }
      if (entry.time > newest) newest = entry.time
      return true
    })
    this.#newest.set(stream.labels, newest)
    const limited = new Set(store({ labels: stream.labels, entries: kept }) ?? [])
    for (const entry of limited) ignored.set(entry, rateLimited(stream, entry))
    // One text for both, in the order of the entries; the status is that of the last one.
    const refused = stream.entries.filter((entry) => ignored.has(entry))
    if (refused.length === 0) return accepted
    const texts = refused.map((entry) => ignored.get(entry)!)
    return { status: limited.has(refused.at(-1)!) ? 429 : 400, text: ingesterText(texts, stream) }
  }
}

const tooFarBehind = (entry: DecodedEntry, oldest: bigint): string =>
  `entry with timestamp ${goTime(entry.time)} ignored, reason: 'entry too far behind, entry timestamp is: ${rfc3339(Number(entry.time / 1_000_000_000n))}, oldest acceptable timestamp is: ${rfc3339(Number(oldest / 1_000_000_000n))}',\n`

/** The stream's own rate limit: the entries are refused one by one, the others were stored. */
const rateLimited = (stream: CheckedStream, entry: DecodedEntry): string =>
  `entry with timestamp ${goTime(entry.time)} ignored, reason: 'Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '${stream.labels}' totaling ${entryBytes(entry)}B, consider splitting a stream via additional labels or contact your Loki administrator to see if the limit can be increased',\n`

/** What an ingester says of refused entries: the first ten, and the total. */
function ingesterText(ignored: readonly string[], stream: CheckedStream): string {
  return `${ignored.slice(0, 10).join('')}user 'fake', total ignored: ${ignored.length} out of ${stream.entries.length} for stream: ${stream.labels}`
}

function labelProblem(pairs: readonly [string, string][], labels: string): string | undefined {
  if (pairs.length > 15) return `entry for stream '${labels}' has ${pairs.length} label names; limit 15`
  for (const [name, value] of pairs) {
    if (name.length > 1024) return `stream '${labels}' has label name too long: '${name}'`
    if (Buffer.byteLength(value) > 2048) return `stream '${labels}' has label value too long: '${value}'`
  }
  return undefined
}

function canonical(pairs: readonly [string, string][]): string {
  const values = new Map(pairs)
  const service = values.get('service_name') ?? values.get('app') ?? values.get('job') ?? 'unknown_service'
  values.set('service_name', service)
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`
}

function entryBytes(entry: DecodedEntry): number {
  const metadata = entry.metadata.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  )
  return Buffer.byteLength(entry.line) + metadata
}

/** `3 errors like: A; 1 errors like: B`, or A alone. */
function grouped(texts: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  if (texts.length === 1) return texts[0]!
  return [...counts].map(([text, count]) => `${count} errors like: ${text}`).join('; ')
}

function rfc3339(seconds: number): string {
  return new Date(Math.floor(seconds) * 1000).toISOString().replace('.000Z', 'Z')
}

/** Go's `Time.String()`: the fraction without its last zeros. */
function goTime(time: bigint): string {
  const date = new Date(Number(time / 1_000_000n)).toISOString()
  const fraction = (time % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  return `${date.slice(0, 10)} ${date.slice(11, 19)}${fraction && '.'}${fraction} +0000 UTC`
}
