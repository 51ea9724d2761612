import { closeSync, openSync, writeSync } from 'node:fs'

const levels = ['info', 'info', 'info', 'debug', 'warn', 'error']
const paths = [
  '/api/orders',
  '/api/orders/{id}',
  '/api/customers',
  '/login',
  '/health',
  '/api/search?q=blau%20grün',
]
const messages = [
  'request served',
  'cache miss',
  'query took long',
  'order created "rush"',
  'retrying upstream',
  'Größe geändert',
]

/** A small linear generator: the same file on every machine, so that figures compare. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => (state = (state * 1_664_525 + 1_013_904_223) >>> 0) / 2 ** 32
}

/** Writes about `bytes` of JSON lines of about 350 bytes, shaped like a web service's; returns the lines and bytes written. */
export function writeSampleLines(path: string, bytes: number): { lines: number; bytes: number } {
  const random = randomOf(42)
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)]!
  const hex = (digits: number): string =>
    Array.from({ length: digits / 8 }, () =>
      Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('')
  const fd = openSync(path, 'w')
  const startMs = Date.now() - 30 * 60_000
  let written = 0
  let lines = 0
  while (written < bytes) {
    const block: string[] = []
    for (let i = 0; i < 2000; i++) {
      const line = {
        time: new Date(startMs + lines).toISOString(),
        level: pick(levels),
        service: 'checkout',
        trace_id: hex(32),
        span_id: hex(16),
        method: 'GET',
        path: pick(paths),
        status: random() < 0.95 ? 200 : 503,
        duration_ms: Math.round(random() * 1e5) / 100,
        user: { id: Math.floor(random() * 1e6), plan: 'gold', tags: ['a', 'b'] },
        msg: `${pick(messages)} ${pick(messages)} seq=${lines}`,
      }
      block.push(JSON.stringify(line))
      lines += 1
    }
    written += writeSync(fd, `${block.join('\n')}\n`)
  }
  closeSync(fd)
  return { lines, bytes: written }
}
