import { ByteWriter } from '../../../render/byte-writer.ts'
import type { StoredEvent } from '../../../buffer/buffer.ts'
import { EventFlag, type Instant } from '../../../core/event.ts'
import type { BatchItem } from '../../sink.ts'
import { cutLine, lineOf, type LineForm } from './line.ts'
import type { DemotedLabel, MetadataBuilder } from './metadata.ts'
import type { PushEntry } from './push.ts'

export interface EntryOptions {
  readonly line: LineForm
  readonly metadata: MetadataBuilder
  readonly demoted: readonly DemotedLabel[]
}

const nanosPerSecond = 1_000_000_000

/** The entries of a push, in the order of the events. The same events give the same entries. */
export function makeEntries(events: readonly StoredEvent[], options: EntryOptions): PushEntry[] {
  const lines = new ByteWriter(options.line === 'raw' ? 0 : 256 * 1024)
  return events.map((event) => makeEntry(event, options, lines))
}

/** One entry; what has to be made of its line is written to `lines`. */
export function makeEntry(event: StoredEvent, options: EntryOptions, lines: ByteWriter): PushEntry {
  const whole = lineOf(event, options.line, lines)
  const line = cutLine(whole)
  const flags = line.length < whole.length ? EventFlag.truncated : 0
  const metadata = options.metadata.of(event, options.demoted, flags)
  const { seconds, nanos } = entryTime(event)
  return { seconds, nanos, line, metadata }
}

/** Loki's time of the event: its own plus its bump. */
export function entryTime({ seconds, nanos, bump }: StoredEvent): Instant {
  const bumped = nanos + bump
  if (bumped < nanosPerSecond) return { seconds, nanos: bumped }
  const carry = Math.floor(bumped / nanosPerSecond)
  return { seconds: seconds + carry, nanos: bumped - carry * nanosPerSecond }
}

/**
 * The items in the order of their times, as they mostly are already. Loki would take them in any order within its
 * window, but only of ascending entries can be told which ones its answer means.
 */
export function ascending(items: readonly BatchItem[]): readonly BatchItem[] {
  // Each time is read once: to compare neighbours with `compareTimes` reads it twice, 3 % of the agent's CPU.
  let seconds = 0
  let nanos = 0
  for (const { event } of items) {
    const nextSeconds = event.seconds
    const nextNanos = event.nanos + event.bump
    if ((seconds - nextSeconds) * nanosPerSecond + (nanos - nextNanos) > 0)
      return items.toSorted(compareTimes)
    seconds = nextSeconds
    nanos = nextNanos
  }
  return items
}

function compareTimes({ event: first }: BatchItem, { event: second }: BatchItem): number {
  // Bumps reach over seconds only in runs of a billion equal times; their difference is exact in any case.
  return (
    (first.seconds - second.seconds) * nanosPerSecond +
    (first.nanos + first.bump - second.nanos - second.bump)
  )
}
