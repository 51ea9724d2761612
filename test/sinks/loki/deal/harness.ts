import assert from 'node:assert/strict'
import type { RecordForSink, StoredEvent } from '../../../../src/buffer/buffer.ts'
import { eventsOf } from '../../../../src/sinks/loki/deal/deal.ts'
import type { DealtRun, EncodedRequest, Sink } from '../../../../src/sinks/sink.ts'
import { unsnap } from '../../../support/loki-decode.ts'
import { batchItem, batchItems } from '../../../support/stored-event.ts'

/** The records of the events, with those of their events that are taken. */
export function recordsOf(
  events: readonly StoredEvent[],
  isTaken: (event: StoredEvent, at: number) => boolean = () => true,
): RecordForSink[] {
  const records = new Map<StoredEvent['record'], number[]>()
  for (const [at, event] of events.entries()) {
    if (!isTaken(event, at)) continue
    records.set(event.record, [...(records.get(event.record) ?? []), event.index])
  }
  return [...records].map(([record, indexes]) => ({ record, events: indexes }))
}

/** Dealt as delivery deals: the runs of each partition, in order. */
export function dealt(sink: Sink, records: readonly RecordForSink[]): Map<string, DealtRun[]> {
  const partitions = new Map<string, DealtRun[]>()
  for (const read of records) {
    for (const run of sink.runs!.deal!(read)) {
      partitions.set(run.deal.partition, [...(partitions.get(run.deal.partition) ?? []), run])
    }
  }
  return partitions
}

/** Events of which all go to one partition. */
export function dealtToOne(
  sink: Sink,
  records: readonly RecordForSink[],
): { readonly partition: string; readonly runs: readonly DealtRun[] } {
  const [first, ...others] = dealt(sink, records)
  assert.equal(others.length, 0)
  const [partition, runs] = first!
  return { partition, runs }
}

const nameOf = ({ record, index }: StoredEvent): string => `${record.sequence}/${index}`

/** Where each event goes, and in which order: as runs are dealt, and asked one by one. */
export function placesOfRuns(partitions: Map<string, DealtRun[]>): Map<string, string[]> {
  const places = new Map<string, string[]>()
  for (const [partition, runs] of partitions) {
    places.set(
      partition,
      runs.flatMap((run) => eventsOf(run).map((event) => `${nameOf(event)} ${run.deal.variant}`)),
    )
  }
  return places
}

export function placesOfItems(sink: Sink, records: readonly RecordForSink[]): Map<string, string[]> {
  const places = new Map<string, string[]>()
  for (const { record, events } of records) {
    for (const index of events) {
      const item = batchItem(record.event(index))
      const partition = sink.partition(item)
      places.set(partition, [...(places.get(partition) ?? []), `${nameOf(item.event)} ${item.variant}`])
    }
  }
  return places
}

/** The push of the runs, which must be the one of their events. */
export async function checkedPush(
  sink: Sink,
  runs: readonly DealtRun[],
  partition: string,
): Promise<EncodedRequest> {
  const ofRuns = await sink.runs!.encode(runs, partition)
  const ofItems = await sink.encode(batchItems(runs.flatMap((run) => eventsOf(run))), partition)
  assert.equal(ofRuns.rawBytes, ofItems.rawBytes)
  assert.deepEqual(unsnap(Buffer.from(ofRuns.body)), unsnap(Buffer.from(ofItems.body)))
  return ofRuns
}
