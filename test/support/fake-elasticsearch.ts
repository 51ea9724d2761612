import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { FakeIndices } from './fake-bulk.ts'
import type { BulkItem, StoredDocument } from './fake-bulk.ts'
import { Faults } from './fake-faults.ts'
import type { FaultPlan } from './fake-faults.ts'

export type FakeProduct =
  | `elasticsearch-${'7.17' | '8.19' | '9.5'}`
  | `opensearch-${'1.3' | '1.3-as-elasticsearch' | '2.19' | '3.8'}`

const roots: Readonly<Record<FakeProduct, object>> = JSON.parse(
  readFileSync('test/fixtures/elasticsearch-versions/roots.json', 'utf8'),
)
const oldWords = /^elasticsearch-7|^opensearch/

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  /** Decompressed. */
  readonly body: string
  readonly wireBytes: number
}

/**
 * A small Elasticsearch that keeps documents by `_id`, answers as the real one does, and fails when asked to. As a
 * process of its own: `node out/test/support/fake-elasticsearch.js --port N --faults JSON` writes `{"port":N}` and
 * serves `GET /_fake/documents` (NDJSON of index, id, version, source), `GET /_fake/stats`, `POST /_fake/faults`.
 */
export class FakeElasticsearch {
  readonly indices = new FakeIndices()
  readonly faults = new Faults()
  readonly requests: SeenRequest[] = []
  /** Unset to keep only counts: a kill test sends more than should stand in memory. */
  keepsRequests = true
  /** `ApiKey …` or `Basic …` that every request must bring; undefined for none. */
  authorization: string | undefined
  /** Whose answers it gives: `GET /`, the product header, and the names of errors. */
  product: FakeProduct = 'elasticsearch-9.5'
  bulkRequests = 0
  readonly #server: Server
  #port = 0

  constructor() {
    this.#server = createServer((request, response) => {
      this.#receive(request, response).catch(() => response.destroy())
    })
    this.#server.keepAliveTimeout = 60_000
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  listen(port = 0): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject)
        const address = this.#server.address()
        this.#port = typeof address === 'object' && address ? address.port : 0
        resolve()
      })
    })
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  documents(): StoredDocument[] {
    return this.indices.documents()
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wire = await readAll(request)
    const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire
    const { method = '', url = '', headers } = request
    const { pathname, searchParams } = new URL(url, 'http://fake')
    if (pathname.startsWith('/_fake/')) return this.#control(pathname, bytes, response)
    const body = bytes.toString('utf8')
    if (this.keepsRequests) this.requests.push({ method, url, headers, body, wireBytes: wire.length })
    if (this.product.startsWith('elastic')) response.setHeader('x-elastic-product', 'Elasticsearch')
    if (this.authorization !== undefined && headers.authorization !== this.authorization) {
      return answer(response, 401, errorBody(401, 'security_exception', 'missing or wrong credentials'))
    }
    if (pathname === '/_bulk' && method === 'POST') return this.#bulk(request, response, body, searchParams)
    if (pathname === '/') return answer(response, 200, JSON.stringify(roots[this.product]))
    const pipeline = /^\/_ingest\/pipeline\/(.+)$/.exec(pathname)?.[1]
    if (pipeline === undefined) return answer(response, 404, errorBody(404, 'not_found', pathname))
    const isKnown = this.indices.pipelines.has(decodeURIComponent(pipeline))
    return answer(response, isKnown ? 200 : 404, '{}')
  }

  #bulk(request: IncomingMessage, response: ServerResponse, body: string, search: URLSearchParams): void {
    this.bulkRequests++
    const fault = this.faults.next()
    if (Buffer.byteLength(body) > this.faults.maxBytes) return answer(response, 413, '')
    if (fault.kind === 'reset') return void request.socket.resetAndDestroy()
    if (fault.kind === 'hang') return
    if (fault.kind === 'refuse') {
      const text = fault.body ?? errorBody(fault.status, 'es_rejected_execution_exception', 'as asked')
      return answer(response, fault.status, text, fault.headers)
    }
    if (!/^application\/(x-ndjson|json)/.test(request.headers['content-type'] ?? '')) {
      const text = `Content-Type header [${request.headers['content-type'] ?? ''}] is not supported`
      return answer(response, 406, JSON.stringify({ error: text, status: 406 }))
    }
    const result = this.indices.bulk(body, search.get('pipeline') ?? undefined, () => this.#itemFault())
    if (result.status === 400) return answer(response, 400, errorBody(400, result.type, result.reason))
    const text = this.#inItsWords(JSON.stringify({ errors: result.errors, items: result.items }))
    switch (fault.kind) {
      case 'lostAck':
        return void request.socket.resetAndDestroy()
      case 'hangStored':
        return
      case 'cut':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
        response.write(text.slice(0, text.length >> 1), () => request.socket.destroy())
        return
      case 'garbage':
        return answer(response, 200, '<html><body>It works!</body></html>', { 'content-type': 'text/html' })
      case 'drip':
        return drip(response, text)
      case 'answer':
        return answer(response, fault.status, fault.body, fault.headers)
      case 'none':
        return answer(response, 200, text)
    }
  }

  /** Before Elasticsearch 8.9 and at OpenSearch a document that does not fit is a `mapper_parsing_exception`. */
  #inItsWords(text: string): string {
    if (!oldWords.test(this.product)) return text
    return text
      .replaceAll('document_parsing_exception', 'mapper_parsing_exception')
      .replaceAll('x_content_parse_exception', 'json_parse_exception')
  }

  #itemFault(): BulkItem | undefined {
    const fault = this.faults.nextItem()
    if (!fault) return undefined
    const { status, type = 'es_rejected_execution_exception', reason = 'as asked' } = fault
    return { status, error: { type, reason } }
  }

  #control(path: string, bytes: Buffer, response: ServerResponse): void {
    if (path === '/_fake/documents') {
      const lines = this.documents().map((document) => `${JSON.stringify(document)}\n`)
      return answer(response, 200, lines.join(''), { 'content-type': 'application/x-ndjson' })
    }
    if (path === '/_fake/faults') {
      this.faults.set(parsePlan(bytes.toString('utf8')))
      return answer(response, 200, '{}')
    }
    const stats = { documents: this.documents().length, requests: this.bulkRequests }
    return answer(response, path === '/_fake/stats' ? 200 : 404, JSON.stringify(stats))
  }
}

/** Starts one for a test; close it at its end. */
export async function startFakeElasticsearch(plan: FaultPlan = {}, port = 0): Promise<FakeElasticsearch> {
  const fake = new FakeElasticsearch()
  fake.faults.set(plan)
  await fake.listen(port)
  return fake
}

function parsePlan(json: string): FaultPlan {
  const plan: FaultPlan = JSON.parse(json)
  return plan
}

function readAll(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => resolve(Buffer.concat(parts)))
    request.on('error', reject)
  })
}

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  headers?: Record<string, string>,
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  })
  response.end(body)
}

/** One byte at a time, as long as the other side bears it. */
function drip(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(text.length) })
  let at = 0
  const timer = setInterval(() => {
    response.write(text[at++])
    if (at >= text.length) response.end()
  }, 15)
  response.on('close', () => clearInterval(timer))
}

function errorBody(status: number, type: string, reason: string): string {
  return JSON.stringify({ error: { root_cause: [{ type, reason }], type, reason }, status })
}

/** The process of its own. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string' }, faults: { type: 'string' } } })
  const fake = await startFakeElasticsearch(parsePlan(values.faults ?? '{}'), Number(values.port ?? 0))
  fake.keepsRequests = false
  process.stdout.write(`${JSON.stringify({ port: Number(new URL(fake.url).port) })}\n`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
