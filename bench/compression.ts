import { Buffer } from 'node:buffer'
import { promisify } from 'node:util'
import { gzip as gzipCallback } from 'node:zlib'
import { compressSync } from 'snappy'
import { Gzip } from '../src/kernel/gzip.ts'
import { Kernel } from '../src/kernel/kernel.ts'
import { Snappy } from '../src/kernel/snappy.ts'
import { json } from './formats/json.ts'
import { sampleText } from './inputs/sample-text.ts'
import { median } from './report/markdown-table.ts'

/**
 * The kernel's compression against the libraries', on bodies as the sinks make them, in interleaved rounds:
 *   npm run compile && node out/bench/compression.js [ROUNDS]
 * CPU is that of all threads: zlib works in the thread pool. MB are of the input.
 */
const rounds = Number(process.argv[2] ?? 15)
const snappy = new Snappy(new Kernel())
const gzip = new Gzip()
const libraryGzip = promisify(gzipCallback)

interface Way {
  readonly name: string
  compress(body: Buffer): Buffer | Promise<Buffer>
}

const ways: readonly (readonly [kernel: Way, library: Way])[] = [
  [
    { name: 'snappy', compress: (body) => snappy.compress(body) },
    { name: 'snappy package', compress: (body) => compressSync(body, { copyOutputData: true }) },
  ],
  [
    { name: 'gzip', compress: (body) => gzip.compress(body) },
    { name: 'zlib level 1', compress: (body) => libraryGzip(body, { level: 1, chunkSize: 256 * 1024 }) },
  ],
]

function jsonLines(bytes: number): Buffer {
  return Buffer.from(sampleText(json, bytes))
}

/** Lines as nginx writes them: shorter words, more of them new. */
function accessLines(bytes: number): Buffer {
  const parts: string[] = []
  let length = 0
  for (let index = 0; length < bytes; index++) {
    const mixed = Math.imul(index, 2_654_435_761) >>> 0
    const line =
      `10.${mixed >>> 24}.${(mixed >>> 16) & 255}.${(mixed >>> 8) & 255} - - ` +
      `[26/Nov/2026:14:${String(Math.floor(index / 6000) % 60).padStart(2, '0')}:${String(Math.floor(index / 100) % 60).padStart(2, '0')} +0000] ` +
      `"GET /shop/item/${mixed % 100_000}?ref=${(mixed >>> 5) % 997} HTTP/1.1" ${mixed % 20 === 0 ? 404 : 200} ${mixed % 50_000} ` +
      `"https://shop.example.com/list?page=${mixed % 40}" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/${100 + (mixed % 30)}.0.0.0"\n`
    parts.push(line)
    length += line.length
  }
  return Buffer.from(parts.join(''))
}

interface Measured {
  readonly rates: number[]
  ratio: number
}

/** MB of input for a second of CPU, all threads. */
async function measure(way: Way, bodies: readonly Buffer[], into: Measured): Promise<void> {
  const before = process.cpuUsage()
  let raw = 0
  let packed = 0
  for (const body of bodies) {
    raw += body.length
    packed += (await way.compress(body)).length
  }
  const { user, system } = process.cpuUsage(before)
  into.rates.push(raw / (user + system))
  into.ratio = raw / packed
}

/** A body of the Elasticsearch sink has up to 5 MiB, a push to Loki 1 MiB. */
const bodyBytes = 1024 ** 2
const samples = { JSON: jsonLines(32e6), nginx: accessLines(32e6) }

process.stdout.write(
  '| lines | way | MB/s of CPU | ratio | library: MB/s of CPU | ratio | kernel : library |\n',
)
process.stdout.write('|---|---|---|---|---|---|---|\n')
for (const [lines, text] of Object.entries(samples)) {
  const bodies = Array.from({ length: Math.floor(text.length / bodyBytes) }, (_, index) =>
    text.subarray(index * bodyBytes, (index + 1) * bodyBytes),
  )
  for (const [ours, theirs] of ways) {
    const own: Measured = { rates: [], ratio: 0 }
    const library: Measured = { rates: [], ratio: 0 }
    for (let round = 0; round < rounds; round++) {
      await measure(ours, bodies, own)
      await measure(theirs, bodies, library)
    }
    const cells = [
      lines,
      ours.name,
      median(own.rates).toFixed(0),
      own.ratio.toFixed(2),
      median(library.rates).toFixed(0),
      library.ratio.toFixed(2),
      (median(own.rates) / median(library.rates)).toFixed(2),
    ]
    process.stdout.write(`| ${cells.join(' | ')} |\n`)
  }
}
