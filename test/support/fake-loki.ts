import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { mulberry32 } from './fake-faults.ts'
import { DecodeError, decodeJson, decodeProtobuf, unsnap } from './loki-decode.ts'
import type { DecodedEntry, DecodedStream } from './loki-decode.ts'
import { LokiRules } from './loki-rules.ts'
import type { CheckedStream, LokiLimits, Verdict } from './loki-rules.ts'

/** What happens to one push instead of the usual. */
export type LokiFault =
  /** Nothing is stored, and this is the answer. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly text?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  /** The connection breaks before anything is stored · after all is stored · in the middle of the answer. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'lost_ack' }
  | { readonly kind: 'cut' }
  /** Stored, but there is never an answer · a page of HTML as a 200 · the answer byte by byte, one each 15 ms. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'garbage' }
  | { readonly kind: 'drip' }
  /** The stream's rate limit: its first half is stored, the rest is refused one by one. */
  | { readonly kind: 'partial' }

const kindsByChance = ['reset', 'lost_ack', 'cut', 'hang', 'garbage', 'drip', 'partial'] as const

/** Shares of pushes, from 0 to 1; what is left out never happens. Same seed, same faults in the same order. */
export interface FaultChances extends Partial<Record<(typeof kindsByChance)[number], number>> {
  readonly seed?: number
  /** By status code. */
  readonly status?: Readonly<Record<string, number>>
}

export interface FakeLokiOptions {
  readonly limits?: Partial<LokiLimits>
  readonly chances?: FaultChances
  readonly now?: () => number
}

export interface StoredLokiEntry {
  /** Canonical text, with the `service_name` that Loki adds. */
  readonly labels: string
  /** Nanoseconds in digits. */
  readonly time: string
  readonly line: string
  /** JSON of its pairs, sorted. */
  readonly metadata: string
}

export interface SeenPush {
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly streams: readonly DecodedStream[]
}

/**
 * Loki's push API as the real 3.7.8 answers it, keeping equal entries once, and failing when asked to. As a process of
 * its own: `node out/test/support/fake-loki.js --port N --faults JSON --limits JSON` writes `{"port":N}` and serves
 * `GET /_fake/entries` (NDJSON), `GET /_fake/stats`, `POST /_fake/faults`.
 */
export class FakeLoki {
  /** For the next pushes, one each, undefined for none; then `chances` go on. */
  readonly faults: (LokiFault | undefined)[] = []
  readonly pushes: SeenPush[] = []
  /** Unset to keep only entries: a kill test sends more than should stand in memory. */
  keepsPushes = true
  /** What every request must bring as `Authorization`; undefined for none. */
  authorization: string | undefined
  /** What `/ready` answers. */
  readyStatus = 200
  pushCount = 0
  /** How often an entry came that was stored already. */
  repeated = 0
  readonly #entries = new Map<string, StoredLokiEntry>()
  readonly #rules: LokiRules
  readonly #now: () => number
  readonly #server: Server
  #draw: () => LokiFault | undefined
  #port = 0

  constructor(options: FakeLokiOptions = {}) {
    this.#rules = new LokiRules(options.limits)
    this.#now = options.now ?? Date.now
    this.#draw = drawFaults(options.chances ?? {})
    this.#server = createServer((request, response) => {
      this.#receive(request, response).catch(() => response.destroy())
    })
    this.#server.keepAliveTimeout = 60_000
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Resolves to the URL. Started again after `stop`, it still has its entries. */
  start(port = 0): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject)
        const address = this.#server.address()
        this.#port = typeof address === 'object' && address ? address.port : 0
        resolve(this.url)
      })
    })
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  get size(): number {
    return this.#entries.size
  }

  entries(): StoredLokiEntry[] {
    return [...this.#entries.values()]
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '', 'http://fake')
    const body = await readAll(request)
    if (pathname.startsWith('/_fake/')) return this.#control(pathname, body, response)
    if (this.authorization !== undefined && request.headers.authorization !== this.authorization) {
      return answer(response, 401, 'no credentials provided')
    }
    if (pathname.endsWith('/ready')) {
      return answer(response, this.readyStatus, this.readyStatus === 200 ? 'ready' : 'Ingester not ready')
    }
    if (pathname.endsWith('/buildinfo')) return answer(response, 200, '{"version":"3.7.8"}')
    if (!pathname.endsWith('/loki/api/v1/push')) return answer(response, 404, '404 page not found')
    if (request.method !== 'POST') return answer(response, 405, '')
    this.pushCount++
    this.#push(request, response, body)
  }

  #push(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const fault = this.faults.length > 0 ? this.faults.shift() : this.#draw()
    if (fault?.kind === 'reset') return void request.socket.resetAndDestroy()
    if (fault?.kind === 'status') {
      return answer(response, fault.status, fault.text ?? 'the fake says so', fault.headers)
    }
    const verdict = this.#store(request, this.#decompress(request, body), fault?.kind === 'partial')
    sendVerdict(request.socket, response, verdict, fault)
  }

  #decompress(request: IncomingMessage, body: Buffer): Buffer | undefined {
    try {
      if (request.headers['content-type'] !== 'application/json') return unsnap(body)
      return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    } catch {
      return undefined
    }
  }

  #store(request: IncomingMessage, raw: Buffer | undefined, isPartial: boolean): Verdict {
    if (!raw) return { status: 400, text: 'snappy: corrupt input' }
    try {
      const isJson = request.headers['content-type'] === 'application/json'
      const streams = isJson ? decodeJson(raw.toString('utf8')) : decodeProtobuf(raw)
      if (this.keepsPushes) this.pushes.push({ url: request.url ?? '', headers: request.headers, streams })
      return this.#rules.push(streams, this.#now(), (stream) => this.#storeEntries(stream, isPartial))
    } catch (error) {
      if (error instanceof DecodeError || error instanceof SyntaxError) {
        return { status: 400, text: error.message }
      }
      throw error
    }
  }

  #storeEntries(stream: CheckedStream, isPartial: boolean): readonly DecodedEntry[] {
    const count = isPartial ? Math.ceil(stream.entries.length / 2) : stream.entries.length
    for (const entry of stream.entries.slice(0, count)) this.#storeEntry(stream.labels, entry)
    return stream.entries.slice(count)
  }

  #storeEntry(labels: string, entry: DecodedEntry): void {
    const metadata = JSON.stringify(entry.metadata.toSorted(([a], [b]) => (a < b ? -1 : 1)))
    const stored = { labels, time: String(entry.time), line: entry.line, metadata }
    const key = JSON.stringify([labels, stored.time, entry.line, metadata])
    if (this.#entries.has(key)) this.repeated++
    else this.#entries.set(key, stored)
  }

  #control(pathname: string, body: Buffer, response: ServerResponse): void {
    if (pathname === '/_fake/entries') {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      for (const entry of this.#entries.values()) response.write(`${JSON.stringify(entry)}\n`)
      response.end()
    } else if (pathname === '/_fake/faults') {
      this.#draw = drawFaults(parseChances(body.toString('utf8')))
      answer(response, 200, '')
    } else {
      const { pushCount, repeated } = this
      answer(response, 200, JSON.stringify({ pushes: pushCount, entries: this.#entries.size, repeated }))
    }
  }
}

function sendVerdict(
  socket: Socket,
  response: ServerResponse,
  verdict: Verdict,
  fault: LokiFault | undefined,
): void {
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'lost_ack') return void socket.resetAndDestroy()
  if (fault?.kind === 'drip') return drip(socket, verdict)
  if (fault?.kind === 'garbage') {
    return answer(response, 200, '<html><body>It works!</body></html>', { 'content-type': 'text/html' })
  }
  if (fault?.kind !== 'cut') return answer(response, verdict.status, verdict.text)
  response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8', 'content-length': 1000 })
  response.write('entry with timesta', () => socket.destroy())
}

function drip(socket: Socket, { status, text }: Verdict): void {
  const whole = `HTTP/1.1 ${status} So\r\n${status === 204 ? '' : `content-length: ${Buffer.byteLength(text)}\r\n`}\r\n${text}`
  let at = 0
  const timer = setInterval(() => {
    if (at < whole.length) socket.write(whole[at++]!)
    else clearInterval(timer)
  }, 15)
  socket.on('close', () => clearInterval(timer))
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers })
  response.end(status === 204 || text === '' ? undefined : `${text}\n`)
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

function drawFaults(chances: FaultChances): () => LokiFault | undefined {
  const random = mulberry32(chances.seed ?? 1)
  const table: (readonly [number, LokiFault])[] = [
    ...kindsByChance.map((kind) => [chances[kind] ?? 0, { kind }] as const),
    ...Object.entries(chances.status ?? {}).map(
      ([status, chance]) => [chance, { kind: 'status', status: Number(status) }] as const,
    ),
  ]
  return () => {
    let left = random()
    for (const [chance, fault] of table) {
      left -= chance
      if (left < 0) return fault
    }
    return undefined
  }
}

function parseChances(text: string): FaultChances {
  const chances: FaultChances = JSON.parse(text)
  return chances
}

/** The process of its own. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, faults: { type: 'string' }, limits: { type: 'string' } },
  })
  const limits: Partial<LokiLimits> = JSON.parse(values.limits ?? '{}')
  const fake = new FakeLoki({ limits, chances: parseChances(values.faults ?? '{}') })
  fake.keepsPushes = false
  const url = await fake.start(Number(values.port ?? 0))
  process.stdout.write(`${JSON.stringify({ port: Number(new URL(url).port) })}\n`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
