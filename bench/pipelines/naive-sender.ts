import { promisify } from 'node:util'
import { gzip as gzipCallback } from 'node:zlib'
import { Pool } from 'undici'
import type { LogFormat, Members } from '../formats/log-format.ts'
import type { Target } from './pipeline.ts'

const gzip = promisify(gzipCallback)

/** The agent's, so that requests are as many and as large. */
const batchEvents = 5000
const lokiBatchBytes = 1024 ** 2
const bulkBatchBytes = 5 * 1024 ** 2
const gzipLevel = 1
const maxInFlight = 4

const bulkAction = '{"create":{"_index":"bench"}}\n'

/** Collects events for one sink and sends them, four requests at a time. Loki gets JSON, as the examples on the web have it. */
export class NaiveSender {
  readonly #target: Target
  readonly #labels: readonly (readonly [string, string])[]
  readonly #pool: Pool
  readonly #batchBytes: number
  #bulk: string[] = []
  #streams = new Map<string, string[]>()
  #events = 0
  #size = 0
  #inFlight: Promise<void>[] = []

  constructor(target: Target, labels: LogFormat['labels']) {
    this.#target = target
    this.#labels = Object.entries(labels)
    this.#pool = new Pool(target.url, { connections: maxInFlight })
    this.#batchBytes = target.kind === 'loki' ? lokiBatchBytes : bulkBatchBytes
  }

  /** Returns whether a request is full. */
  add(event: Members): boolean {
    const text = JSON.stringify(event)
    if (this.#target.kind === 'loki') this.#addToStream(event, text)
    else this.#bulk.push(`${bulkAction}${text}\n`)
    this.#events += 1
    this.#size += text.length
    return this.#events >= batchEvents || this.#size >= this.#batchBytes
  }

  async flush(): Promise<void> {
    this.#inFlight.push(this.#send(this.#takeBody()))
    if (this.#inFlight.length < maxInFlight) return
    await Promise.all(this.#inFlight)
    this.#inFlight = []
  }

  async close(): Promise<void> {
    if (this.#events > 0) await this.flush()
    await Promise.all(this.#inFlight)
    await this.#pool.close()
  }

  #addToStream(event: Members, text: string): void {
    const stream = JSON.stringify(
      Object.fromEntries(this.#labels.map(([name, value]) => [name, filled(value, event)])),
    )
    const values = this.#streams.get(stream) ?? []
    this.#streams.set(stream, values)
    values.push(`["${Date.parse(String(event['time']))}000000",${JSON.stringify(text)}]`)
  }

  #takeBody(): string {
    const streams = [...this.#streams].map(
      ([stream, values]) => `{"stream":${stream},"values":[${values.join(',')}]}`,
    )
    const body = this.#target.kind === 'loki' ? `{"streams":[${streams.join(',')}]}` : this.#bulk.join('')
    this.#bulk = []
    this.#streams = new Map()
    this.#events = this.#size = 0
    return body
  }

  async #send(body: string): Promise<void> {
    const { kind } = this.#target
    const isGzip = kind === 'elasticsearch-gzip'
    const answer = await this.#pool.request({
      method: 'POST',
      path: kind === 'loki' ? '/loki/api/v1/push' : '/_bulk',
      headers: {
        'content-type': kind === 'loki' ? 'application/json' : 'application/x-ndjson',
        ...(isGzip && { 'content-encoding': 'gzip' }),
      },
      body: isGzip ? await gzip(body, { level: gzipLevel }) : body,
    })
    const text = await answer.body.text()
    if (answer.statusCode >= 300 || text.includes('"errors":true')) {
      throw new Error(`refused: ${answer.statusCode}`)
    }
  }
}

/** `{level}` is the member of that name, anything else is text. */
function filled(label: string, event: Members): string {
  const member = /^\{(.*)\}$/.exec(label)?.[1]
  const value = member === undefined ? label : event[member]
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : ''
}
