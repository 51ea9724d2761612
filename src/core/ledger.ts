import type { LossReason } from './chunk.ts'

/** Read counters of one source. They live in the buffer's records, so that they always agree with what is stored. */
export interface SourceCounts {
  readBytes: number
  readEvents: number
  parseErrors: number
  readonly lostBytes: Partial<Record<LossReason, number>>
}

/** Their order is part of the cursor's format: new ones go to the end. */
export const dropReasons = [
  'buffer_full',
  'damaged',
  'sink_removed',
  'dead_letters_full',
  'expired',
  'purged',
] as const
export type DropReason = (typeof dropReasons)[number]

/** Counters of one source at one sink. They are saved with the sink's cursor. All count events. */
export interface SinkCounts {
  acknowledged: number
  deadLettered: number
  filtered: number
  readonly dropped: Partial<Record<DropReason, number>>
}

export const newSourceCounts = (): SourceCounts => ({
  readBytes: 0,
  readEvents: 0,
  parseErrors: 0,
  lostBytes: {},
})
export const newSinkCounts = (): SinkCounts => ({
  acknowledged: 0,
  deadLettered: 0,
  filtered: 0,
  dropped: {},
})

/** Every event that the sink is done with. `read_events - settledEvents` is what is still in the buffer for it. */
export function settledEvents(counts: SinkCounts): number {
  let total = counts.acknowledged + counts.deadLettered + counts.filtered
  for (const count of Object.values(counts.dropped)) total += count
  return total
}
