import type { RecordForSink } from '../src/buffer/buffer.ts'
import { Body, Severity } from '../src/core/event.ts'
import { lokiSink } from '../src/sinks/loki/index.ts'
import type { DealtRun } from '../src/sinks/sink.ts'
import { FakeClock } from '../test/support/fake-clock.ts'
import { sinkContext } from '../test/support/sink-context.ts'
import { draftEvent, storedEvents } from '../test/support/stored-event.ts'
import { json } from './formats/json.ts'
import { sampleText } from './inputs/sample-text.ts'
import { median } from './report/markdown-table.ts'

/**
 * What Loki's pushes cost between buffer and socket: records dealt to some forty streams, pushes of 300 KB made of them.
 *   npm run compile && node out/bench/loki-pushes.js [ROUNDS]
 * Prints CPU seconds per GB of lines, medians of the rounds.
 */
const rounds = Number(process.argv[2] ?? '15')
const recordEvents = 600
const pushBytes = 300_000
const firstSeconds = 1_795_197_600

const severities: Readonly<Record<string, Severity>> = {
  debug: Severity.debug,
  info: Severity.info,
  warn: Severity.warn,
  error: Severity.error,
}

/** As the CRI lane leaves them: the stream is a member of its own, ids are known by their places. */
function recordsOf(lines: readonly string[]): RecordForSink[] {
  const records: RecordForSink[] = []
  let seconds = firstSeconds
  for (let at = 0; at < lines.length; at += recordEvents) {
    seconds += 1
    const drafts = lines.slice(at, at + recordEvents).map((line, index) => {
      const bytes = Buffer.from(line)
      const [traceAt, spanAt] = [bytes.indexOf('"trace_id":"') + 12, bytes.indexOf('"span_id":"') + 11]
      const ids = {
        ...(traceAt > 11 && { traceAt, traceLength: 32 }),
        ...(spanAt > 10 && { spanAt, spanLength: 16 }),
      }
      const level = /"level":"(\w+)"/.exec(line)?.[1] ?? ''
      return {
        ...draftEvent({
          line,
          body: Body.json,
          from: (at + index) * 330,
          severity: severities[level] ?? 0,
          members: index % 10 === 0 ? '"stream":"stderr"' : '"stream":"stdout"',
          time: { seconds, nanos: index * 1000 },
        }),
        ...ids,
      }
    })
    const { record } = storedEvents(drafts, { sequence: at + 1 })[0]!
    records.push({ record, events: drafts.map((_, index) => index) })
  }
  return records
}

const lines = sampleText(json, 20e6).trimEnd().split('\n')
const records = recordsOf(lines)
const gigabytes = Buffer.byteLength(lines.join('\n')) / 1e9
const labels = { job: 'bench', service: '{service}', level: '{level}', stream: '{stream}' }
const context = { ...sinkContext(), clock: new FakeClock((firstSeconds + 3600) * 1000) }
const sink = await lokiSink.create(lokiSink.schema.parse({ url: 'http://127.0.0.1:9', labels }), context)
const { runs } = sink

let [raw, packed] = [0, 0]

function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6 / gigabytes
}

async function round(): Promise<{ readonly deal: number; readonly encode: number; readonly pushes: number }> {
  const open = new Map<string, { runs: DealtRun[]; bytes: number }>()
  let [deal, encode, pushes] = [0, 0, 0]
  const push = async (partition: string, batch: DealtRun[]): Promise<void> => {
    const before = cpu()
    const { rawBytes, body } = await runs!.encode(batch, partition)
    raw += rawBytes
    packed += body.length
    encode += cpu() - before
    pushes++
  }
  for (const read of records) {
    const before = cpu()
    const dealt = runs!.deal!(read)
    deal += cpu() - before
    for (const run of dealt) {
      const { partition } = run.deal
      const batch = open.get(partition) ?? { runs: [], bytes: 0 }
      open.set(partition, batch)
      batch.runs.push(run)
      batch.bytes += runs!.sizeOf(run)
      if (batch.bytes < pushBytes) continue
      open.delete(partition)
      await push(partition, batch.runs)
    }
  }
  for (const [partition, batch] of open) await push(partition, batch.runs)
  return { deal, encode, pushes }
}

const costs = []
for (let index = 0; index < rounds; index++) costs.push(await round())
// Of the first rounds the compiler takes its part.
const warm = costs.slice(Math.min(3, rounds - 1))
const deal = median(warm.map((cost) => cost.deal))
const encode = median(warm.map((cost) => cost.encode))
process.stdout.write(`deal ${deal.toFixed(2)}, encode ${encode.toFixed(2)} CPU s/GB, `)
process.stdout.write(`${warm[0]!.pushes} pushes, snappy ${(raw / packed).toFixed(2)} : 1\n`)
await sink.close()
