import { createReadStream } from 'node:fs'
import { hostname } from 'node:os'
import split2 from 'split2'
import { promisify } from 'node:util'
import { gzip as gzipCallback } from 'node:zlib'
import { Pool } from 'undici'

/**
 * The pipeline that anyone writes first: split2, JSON.parse, a spread, JSON.stringify, undici. No buffer, no retries, no
 * ids, no accounting: what the agent's general lane is measured against.
 *   node out/bench/naive.js FILE elasticsearch|loki URL none|gzip
 */
const [file = '', kind = '', url = '', compression = 'none'] = process.argv.slice(2)
const gzip = promisify(gzipCallback)
const pool = new Pool(url, { connections: 4 })
const host = hostname()
const batchEvents = 5000
const batchBytes = kind === 'loki' ? 1024 ** 2 : 5 * 1024 ** 2

type Line = Record<string, unknown>
const isLine = (value: unknown): value is Line => typeof value === 'object' && value !== null

const toBulk = (event: Line): string => `{"create":{"_index":"bench"}}\n${JSON.stringify(event)}\n`
const toValue = (event: Line): string =>
  `["${Date.parse(String(event['time']))}000000",${JSON.stringify(JSON.stringify(event))}]`

async function send(parts: string[]): Promise<void> {
  const isLoki = kind === 'loki'
  const body = isLoki
    ? `{"streams":[{"stream":{"job":"bench"},"values":[${parts.join(',')}]}]}`
    : parts.join('')
  const answer = await pool.request({
    method: 'POST',
    path: isLoki ? '/loki/api/v1/push' : '/_bulk',
    headers: {
      'content-type': isLoki ? 'application/json' : 'application/x-ndjson',
      ...(compression === 'gzip' && { 'content-encoding': 'gzip' }),
    },
    // The agent's level, so that the same work is compared.
    body: compression === 'gzip' ? await gzip(body, { level: 1 }) : body,
  })
  const text = await answer.body.text()
  if (answer.statusCode >= 300 || text.includes('"errors":true'))
    throw new Error(`refused: ${answer.statusCode}`)
}

let parts: string[] = []
let size = 0
let inFlight: Promise<void>[] = []
const flush = async (): Promise<void> => {
  inFlight.push(send(parts))
  parts = []
  size = 0
  if (inFlight.length >= 4) {
    await Promise.all(inFlight)
    inFlight = []
  }
}

for await (const line of createReadStream(file).pipe(split2())) {
  const parsed: unknown = JSON.parse(line)
  if (!isLine(parsed)) continue
  const event = {
    ...parsed,
    '@timestamp': parsed['time'],
    'host.name': host,
    'log.file.path': file,
    'log.level': parsed['level'],
  }
  const text = kind === 'loki' ? toValue(event) : toBulk(event)
  parts.push(text)
  size += text.length
  if (parts.length >= batchEvents || size >= batchBytes) await flush()
}
if (parts.length > 0) await flush()
await Promise.all(inFlight)
await pool.close()
