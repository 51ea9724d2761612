import { Body, Severity } from '../src/core/event.ts'
import { BulkEncoder } from '../src/sinks/elasticsearch/encode.ts'
import { compileIndexName } from '../src/sinks/elasticsearch/index-name.ts'
import { indexedRuns } from '../src/sinks/elasticsearch/indexed-run.ts'
import { IndexValues } from '../src/sinks/elasticsearch/index-values.ts'
import { MemoryState } from '../test/support/sink-context.ts'
import { batchItems, draftEvent, storedEvents } from '../test/support/stored-event.ts'
import { json } from './formats/json.ts'
import { sampleText } from './inputs/sample-text.ts'
import { median } from './report/markdown-table.ts'

/**
 * Bulk bodies of 5,000 events made with the kernel and without it, in interleaved rounds of one process:
 *   npm run compile && node out/bench/bulk-bodies.js [ROUNDS]
 * Prints CPU seconds per GB of lines, medians of the rounds.
 */
const rounds = Number(process.argv[2] ?? '15')
const batchEvents = 5_000
const recordEvents = 800

function sampleLines(): string[] {
  return sampleText(json, 20e6).trimEnd().split('\n')
}

/** Batches as delivery makes them: of records of 256 KiB, cut where 5,000 events are together. */
function batchesOf(lines: readonly string[], body: Body): ReturnType<typeof batchItems>[] {
  const items: ReturnType<typeof batchItems> = []
  for (let at = 0; at < lines.length; at += recordEvents) {
    const drafts = lines.slice(at, at + recordEvents).map((line, index) => {
      const traceAt = line.indexOf('"trace_id":"') + 12
      const spanAt = line.indexOf('"span_id":"') + 11
      const from = (at + index) * 330
      const ids = { traceAt, traceLength: 32, spanAt, spanLength: 16 }
      return { ...draftEvent({ line, body, from, severity: Severity.info }), ...ids }
    })
    items.push(...batchItems(storedEvents(drafts, { sequence: at + 1 })))
  }
  return Array.from({ length: Math.floor(items.length / batchEvents) }, (_, index) =>
    items.slice(index * batchEvents, (index + 1) * batchEvents),
  )
}

function encoderOf(kernel: ConstructorParameters<typeof BulkEncoder>[2]): BulkEncoder {
  const names = compileIndexName('bench-%Y.%m.%d', new IndexValues(new MemoryState(), 100))
  const batch = { max_bytes: 5 * 1024 ** 2, max_events: batchEvents, max_wait: 1000 }
  return new BulkEncoder({ op: 'create', id: 'auto', compression: 'none', batch }, names, kernel)
}

async function compare(name: string, body: Body): Promise<void> {
  const lines = sampleLines()
  const batches = batchesOf(lines, body)
  const gigabytes = Buffer.byteLength(lines.join('\n')) / 1e9
  const encoders = { kernel: encoderOf(undefined), typescript: encoderOf({ frame: () => 0 }) }
  const costs: Record<keyof typeof encoders, number[]> = { kernel: [], typescript: [] }
  for (let round = 0; round < rounds; round++) {
    for (const which of ['kernel', 'typescript'] as const) {
      const before = process.cpuUsage()
      for (const items of batches) {
        const encoded = await encoders[which].encode(indexedRuns(items))
        encoders[which].release(encoded.body)
      }
      const { user, system } = process.cpuUsage(before)
      // Of the first rounds the compiler takes its part.
      if (round > 2) costs[which].push((user + system) / 1e6 / gigabytes)
    }
  }
  const [ours, theirs] = [median(costs.kernel), median(costs.typescript)]
  process.stdout.write(`${name}: kernel ${ours.toFixed(2)}, TypeScript ${theirs.toFixed(2)} CPU s/GB, `)
  process.stdout.write(`ratio ${(ours / theirs).toFixed(2)}\n`)
}

await compare('JSON lines', Body.json)
await compare('text lines', Body.message)
