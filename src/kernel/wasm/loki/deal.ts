import { copyBytes } from '../copy-bytes'
import { bumpOf, eventOf, lineLength, nanosOf, secondsOf } from '../stored-event'
import { entryLength, keepMetadata, keptValueBytes, mostLine, writeLine, writeMetadata } from './entry'
import { fieldCount, findFields } from './fields'
import { clearGroups, countInto, nextPlaceIn, placeGroups } from './groups'
import { noStream, streamOf } from './streams'

/**
 * Deals the events of a record to their streams, and writes their entries stream by stream: fields are looked for once, for
 * labels and metadata together, and no event crosses the border by itself.
 *
 * What is to be done, all u32; the twin is `JobField` of src/sinks/loki/kernel/deal-job.ts.
 */
const jobRecord: usize = 0
const jobRecordEnd: usize = 4
/** Indexes of the events, u32 each. */
const jobEvents: usize = 8
const jobCount: usize = 12
/** The fields: those of labels, then those of metadata. */
const jobFields: usize = 16
const jobLabels: usize = 20
/** Bits of the fields that have to be looked for. */
const jobWanted: usize = 24
const jobRecordKind: usize = 28
/** Metadata that all entries share, as fields 3. */
const jobShared: usize = 32
const jobSharedLength: usize = 36
/** What the rest of the metadata may take, names and values together. */
const jobMostBytes: usize = 40
/** Room for what is kept of each event: `rowHead` bytes and `keptValueBytes` for each field of metadata. */
const jobRows: usize = 44
/** 1: entries are written; 0: events are dealt only. */
const jobWrites: usize = 48
/** How many events are dealt. */
const jobAt: usize = 52

/** The answers of `dealEvents`. */
const dealt: u32 = 0
/** The event's stream is not known: `learnStream`, or `dealMade`. */
const unknown: u32 = 1
/** Only TypeScript can say what becomes of the event: `dealMade`. */
const refused: u32 = 2

/** A row: u32 group, bytes of the entry, its seconds and nanos, where it is if TypeScript made it, metadata's bytes. */
const rowHead: usize = 24
const rowLength: usize = 4
const rowSeconds: usize = 8
const rowNanos: usize = 12
const rowMade: usize = 16
const rowMetadata: usize = 20

const nanosPerSecond: u64 = 1_000_000_000
/** Bumps beyond (13 days of equal times) are left to TypeScript. */
const mostBump: u64 = 1 << 50

/** Deals on from where the job stands, to its end or to an event that needs an answer from TypeScript. */
export function dealEvents(job: usize): u32 {
  const count = load<u32>(job, jobCount)
  let at = load<u32>(job, jobAt)
  if (at == 0) clearGroups()
  let answer = dealt
  while (at < count) {
    answer = dealEvent(job, at)
    if (answer != dealt) break
    at++
  }
  store<u32>(job, at, jobAt)
  return answer
}

function dealEvent(job: usize, at: u32): u32 {
  const record: usize = load<u32>(job, jobRecord)
  const fields: usize = load<u32>(job, jobFields)
  const wanted = load<u32>(job, jobWanted)
  const labels = load<u32>(job, jobLabels)
  const event = eventOf(record, load<u32>(job, jobRecordEnd), indexAt(job, at))
  if (event == 0 || lineLength(event) > mostLine || bumpOf(event) > mostBump) return refused
  const nanos = <u64>nanosOf(event) + bumpOf(event)
  const seconds = <u64>secondsOf(event) + nanos / nanosPerSecond
  if (seconds > 0xffff_ffff) return refused
  if (!findFields(fields, wanted, record, event)) return refused
  const stream = streamOf(fields, labels, load<u32>(job, jobRecordKind))
  if (stream == noStream) return refused
  if (stream == 0) return unknown
  const row = rowAt(job, at)
  let metadata: i32 = 0
  if (load<u32>(job, jobWrites) != 0) {
    metadata = keepMetadata(fields, labels, load<u32>(job, jobMostBytes), row + rowHead)
    if (metadata < 0) return refused
    metadata += load<u32>(job, jobSharedLength)
  }
  const rest = <u32>(nanos % nanosPerSecond)
  const length = entryLength(lineLength(event), metadata, <u32>seconds, rest)
  fillRow(row, stream, length, <u32>seconds, rest, secondsOf(event), nanosOf(event))
  store<u32>(row, 0, rowMade)
  store<u32>(row, metadata, rowMetadata)
  return dealt
}

/** The next event as TypeScript has it: its stream, where its entry is, the time of the entry, and the event's own. */
export function dealMade(
  job: usize,
  stream: u32,
  made: usize,
  length: u32,
  seconds: u32,
  nanos: u32,
  eventSeconds: u32,
  eventNanos: u32,
): void {
  const at = load<u32>(job, jobAt)
  if (at == 0) clearGroups()
  const row = rowAt(job, at)
  fillRow(row, stream, length, seconds, nanos, eventSeconds, eventNanos)
  store<u32>(row, <u32>made, rowMade)
  store<u32>(job, at + 1, jobAt)
}

function fillRow(
  row: usize,
  stream: u32,
  length: u32,
  seconds: u32,
  nanos: u32,
  eventSeconds: u32,
  eventNanos: u32,
): void {
  store<u32>(row, countInto(stream, length, instant(seconds, nanos), instant(eventSeconds, eventNanos)))
  store<u32>(row, length, rowLength)
  store<u32>(row, seconds, rowSeconds)
  store<u32>(row, nanos, rowNanos)
}

/** To be compared only. */
function instant(seconds: u32, nanos: u32): u64 {
  return ((<u64>seconds) << 32) | <u64>nanos
}

/**
 * Once all are dealt: writes four lists of u32, one behind the other, with the events stream by stream, in their order: their
 * indexes, the ends of their entries, and the seconds and nanos of these; and the entries to `out`, if the job writes them.
 */
export function writeDeal(job: usize, lists: usize, out: usize): void {
  const count = load<u32>(job, jobCount)
  const listBytes = (<usize>count) << 2
  placeGroups()
  for (let at: u32 = 0; at < count; at++) {
    store<u32>(lists + ((<usize>nextPlaceIn(load<u32>(rowAt(job, at)))) << 2), at)
  }
  // From place to place, so that what `copyBytes` writes too much is written over by the next entry.
  const start = out
  for (let place = lists; place < lists + listBytes; place += 4) {
    const at = load<u32>(place)
    const row = rowAt(job, at)
    if (load<u32>(job, jobWrites) != 0) writeEntry(job, at, row, out)
    out += load<u32>(row, rowLength)
    store<u32>(place, indexAt(job, at))
    store<u32>(place + listBytes, <u32>(out - start))
    store<u32>(place + 2 * listBytes, load<u32>(row, rowSeconds))
    store<u32>(place + 3 * listBytes, load<u32>(row, rowNanos))
  }
}

function writeEntry(job: usize, at: u32, row: usize, out: usize): void {
  const made: usize = load<u32>(row, rowMade)
  if (made != 0) {
    copyBytes(made, load<u32>(row, rowLength), out)
    return
  }
  const record: usize = load<u32>(job, jobRecord)
  const event = eventOf(record, load<u32>(job, jobRecordEnd), indexAt(job, at))
  const metadata = load<u32>(row, rowMetadata)
  out = writeLine(record, event, metadata, load<u32>(row, rowSeconds), load<u32>(row, rowNanos), out)
  out = copyBytes(load<u32>(job, jobShared), load<u32>(job, jobSharedLength), out)
  writeMetadata(load<u32>(job, jobFields), load<u32>(job, jobLabels), row + rowHead, out)
}

function indexAt(job: usize, at: u32): u32 {
  return load<u32>(<usize>load<u32>(job, jobEvents) + ((<usize>at) << 2))
}

function rowAt(job: usize, at: u32): usize {
  const metadata = fieldCount(load<u32>(job, jobFields)) - load<u32>(job, jobLabels)
  return <usize>load<u32>(job, jobRows) + <usize>at * (rowHead + <usize>metadata * keptValueBytes)
}
