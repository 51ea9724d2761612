import assert from 'node:assert/strict'
import type { Outcome, SendResult } from '../../../src/core/outcome.ts'
import { lokiSink } from '../../../src/sinks/loki/index.ts'
import { LokiSink } from '../../../src/sinks/loki/loki-sink.ts'
import type { BatchItem, EncodedRequest, Sink } from '../../../src/sinks/sink.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { MemoryState, sinkContext, type TestSinkContext } from '../../support/sink-context.ts'

export interface OpenSink {
  readonly sink: Sink
  readonly context: TestSinkContext
}

/** A Loki sink without an agent. `config` is what people write below `sinks`. */
export function openLoki(config: object, state = new MemoryState(), nowMs?: number): OpenSink {
  const context = sinkContext({ state })
  if (nowMs !== undefined) Object.assign(context, { clock: new FakeClock(nowMs) })
  const settings = { url: 'http://127.0.0.1:9', labels: { job: 'app' }, ...config }
  return { sink: new LokiSink(lokiSink.schema.parse(settings), context), context }
}

/** One request of items that share a partition. */
export async function request(sink: Sink, items: readonly BatchItem[]): Promise<EncodedRequest> {
  const partitions = new Set(items.map((item) => sink.partition(item)))
  assert.equal(partitions.size, 1, `one partition, not ${[...partitions].join(' and ')}`)
  return sink.encode(items, [...partitions][0]!)
}

export async function sendOnce(sink: Sink, items: readonly BatchItem[]): Promise<SendResult> {
  return sink.send(await request(sink, items), AbortSignal.timeout(20_000))
}

/**
 * What delivery does with results, without its queues and waits: halves what is to be split, sends once more what is
 * rerouted. Answers the last outcome of each item; `retry` and `hold` are handed back as they are.
 */
export async function deliver(sink: Sink, items: readonly BatchItem[]): Promise<Map<BatchItem, Outcome>> {
  const outcomes = new Map<BatchItem, Outcome>()
  const open = [...groups(sink, items)]
  for (let sent = 0; open.length > 0; sent++) {
    assert.ok(sent < 1000, 'this never ends')
    const [partition, group] = open.shift()!
    const encoded = await sink.encode(group, partition)
    const result = await sink.send(encoded, AbortSignal.timeout(20_000))
    if (result.kind === 'split' && encoded.items.length > 1) {
      const half = Math.ceil(encoded.items.length / 2)
      open.unshift([partition, encoded.items.slice(0, half)], [partition, encoded.items.slice(half)])
      continue
    }
    encoded.items.forEach((item, index) => outcomes.set(item, outcomeAt(result, index)))
    const rerouted = encoded.items.filter((item) => reroute(item, outcomes.get(item)!))
    open.push(...groups(sink, rerouted))
  }
  return outcomes
}

function reroute(item: BatchItem, outcome: Outcome): boolean {
  if (outcome.kind === 'reroute') item.variant = outcome.variant
  return outcome.kind === 'reroute'
}

export function outcomeAt(result: SendResult, index: number): Outcome {
  if (result.kind === 'items') return result.outcomes[index]!
  return result.kind === 'all' ? result.outcome : result.single
}

function groups(sink: Sink, items: readonly BatchItem[]): Map<string, BatchItem[]> {
  const byPartition = new Map<string, BatchItem[]>()
  for (const item of items) {
    const partition = sink.partition(item)
    byPartition.set(partition, [...(byPartition.get(partition) ?? []), item])
  }
  return byPartition
}
