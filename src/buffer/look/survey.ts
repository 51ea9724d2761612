import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { isBefore } from '../../core/event.ts'
import type { Instant } from '../../core/event.ts'
import type { FileSystem } from '../../core/file-system.ts'
import { RecordField } from '../format/record-layout.ts'
import type { StoredRecordView } from '../stored-record.ts'
import { lookAtCursors } from './cursor-files.ts'
import type { CursorLookedAt } from './cursor-files.ts'
import { eachRecord, lookAtSegments } from './segment-files.ts'
import type { LookedAt } from './segment-files.ts'

export interface SurveyedSegment {
  readonly number: number
  readonly path: string
  readonly bytes: number
  records: number
  events: number
  /** Earliest and latest time of its events, undefined without any. */
  first: Instant | undefined
  last: Instant | undefined
  readonly sources: Set<string>
  /** Sinks that have not settled all of it yet, as of the cursors on the disk. */
  neededBy: readonly string[]
}

export interface SurveyedCursor {
  readonly sink: string
  /** 'damaged': neither slot is whole; it begins at the oldest event that is there. */
  readonly state: 'reading' | 'parked' | 'damaged'
  /** Where the oldest record that is not settled stands. */
  readonly segment: number | undefined
  readonly sequence: number | undefined
  /** Events from there on that it has not settled, those that are routed to other sinks included. */
  eventsBehind: number
}

export interface Survey {
  readonly segments: readonly SurveyedSegment[]
  readonly cursors: readonly SurveyedCursor[]
}

/** What lies in the buffer of a data_dir, and how far each sink is. It only reads, and may run beside the agent. */
export async function survey(fileSystem: FileSystem, dataDir: string, clock: Clock): Promise<Survey> {
  const looked = await lookAtCursors(fileSystem, join(dataDir, 'cursors'), clock)
  const cursors = looked.map(surveyedCursor)
  const segments: SurveyedSegment[] = []
  let lastSequence = 0
  for (const found of await lookAtSegments(fileSystem, join(dataDir, 'buffer'))) {
    const segment = emptySegment(found)
    const isThere =
      !found.segment ||
      (await eachRecord(fileSystem, found.segment, ({ record }) => {
        // Written twice, after a sync that failed: it counts once.
        if (record.sequence <= lastSequence) return
        lastSequence = record.sequence
        count(segment, record)
        for (const cursor of cursors)
          if (record.sequence >= (cursor.sequence ?? 0)) cursor.eventsBehind += record.count
      })) !== undefined
    if (!isThere) continue
    const needing = looked.filter((cursor) => needs(cursor, segment.number, lastSequence))
    segment.neededBy = segment.records > 0 ? needing.map(({ sink }) => sink) : []
    segments.push(segment)
  }
  return { segments, cursors }
}

function surveyedCursor({ sink, state }: CursorLookedAt): SurveyedCursor {
  if (!state) return { sink, state: 'damaged', segment: undefined, sequence: undefined, eventsBehind: 0 }
  let settled = 0
  for (const open of state.open) for (const byte of open.settled) settled += bitsOf(byte)
  const { segment, sequence } = state.base
  return { sink, state: state.isParked ? 'parked' : 'reading', segment, sequence, eventsBehind: 0 - settled }
}

/** A parked cursor holds no segment; one that cannot be read needs all that is there. */
function needs({ state }: CursorLookedAt, segment: number, lastSequence: number): boolean {
  if (!state) return true
  return !state.isParked && state.base.segment <= segment && state.base.sequence <= lastSequence
}

const emptySegment = ({ number, path, bytes }: LookedAt): SurveyedSegment => ({
  number,
  path,
  bytes,
  records: 0,
  events: 0,
  first: undefined,
  last: undefined,
  sources: new Set(),
  neededBy: [],
})

function count(segment: SurveyedSegment, record: StoredRecordView): void {
  segment.records += 1
  segment.events += record.count
  segment.sources.add(record.source)
  if (record.count === 0) return
  const { low, high } = timesOf(record)
  if (!segment.first || isBefore(low, segment.first)) segment.first = low
  if (!segment.last || isBefore(segment.last, high)) segment.last = high
}

/** Earliest and latest time of a record's events. */
export function timesOf({ view }: StoredRecordView): { readonly low: Instant; readonly high: Instant } {
  const instant = (seconds: number, nanos: number): Instant => ({
    seconds: view.getUint32(seconds, true),
    nanos: view.getUint32(nanos, true),
  })
  return {
    low: instant(RecordField.lowSeconds, RecordField.lowNanos),
    high: instant(RecordField.highSeconds, RecordField.highNanos),
  }
}

function bitsOf(byte: number): number {
  let bits = 0
  for (let left = byte; left !== 0; left >>>= 1) bits += left & 1
  return bits
}
