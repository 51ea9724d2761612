import { documentBound, writeDocument } from './document'
import { writeBase36 } from './numbers'
import { eventBytes, eventFrom, eventSeconds, eventTo, recordCount, recordEventsAt } from '../event-layout'
import { isSound } from './stored-event'
import { copyOnOneLine } from './text'

/** What is to be framed, and to where: all u32. Its twin is `JobField` of src/sinks/elasticsearch/bulk-job.ts. */
const jobRecord: usize = 0
const jobRecordBytes: usize = 4
const jobFirst: usize = 8
const jobEnd: usize = 12
/** The times that the index is for, both included. */
const jobFromSecond: usize = 16
const jobLastSecond: usize = 20
const jobAction: usize = 24
const jobActionBytes: usize = 28
/** 1: the action ends where the place of the event in its file goes, the end of its `_id`; 0: it is whole. */
const jobHasId: usize = 32
const jobWords: usize = 36
const jobShared: usize = 40
/** Where the body goes on; where it ended, afterwards. */
const jobOut: usize = 44
const jobOutEnd: usize = 48

/** Two numbers in base 36, and what stands around them and behind the document. */
const idBound: u64 = 48

/**
 * Writes events of a record as they go into a bulk body: for each a line that says where it goes, and a line that is its
 * document. Ends before the first event that is of another time, that needs more room than there is, or that only
 * TypeScript can write. Returns how many it wrote.
 */
export function frameBulk(job: usize): u32 {
  const record = <usize>load<u32>(job, jobRecord)
  const recordBytes = load<u32>(job, jobRecordBytes)
  const first = load<u32>(job, jobFirst)
  const end = min(load<u32>(job, jobEnd), eventsIn(record, recordBytes))
  let event = record + load<u32>(record, recordEventsAt) + <usize>first * eventBytes
  let index = first
  while (index < end && isFramable(event, recordBytes, job)) {
    const out = frame(event, record, job)
    if (!out) break
    store<u32>(job, <u32>out, jobOut)
    event += eventBytes
    index++
  }
  return index > first ? index - first : 0
}

/** How many events the record says that it has; 0 where they are not all in it. */
function eventsIn(record: usize, recordBytes: u32): u32 {
  const count = load<u32>(record, recordCount)
  const end = <u64>load<u32>(record, recordEventsAt) + <u64>count * <u64>eventBytes
  return end <= <u64>recordBytes ? count : 0
}

function isFramable(event: usize, recordBytes: u32, job: usize): bool {
  const second = load<u32>(event, eventSeconds)
  if (second < load<u32>(job, jobFromSecond) || second > load<u32>(job, jobLastSecond)) return false
  if (!isSound(event, recordBytes)) return false
  const bound =
    <u64>load<u32>(job, jobActionBytes) + idBound + documentBound(event, load<u32>(job, jobShared))
  return <u64>load<u32>(job, jobOut) + bound <= <u64>load<u32>(job, jobOutEnd)
}

function frame(event: usize, record: usize, job: usize): usize {
  let out = <usize>load<u32>(job, jobOut)
  out = copyOnOneLine(load<u32>(job, jobAction), load<u32>(job, jobActionBytes), out)
  if (load<u32>(job, jobHasId)) out = writePlace(event, out)
  store<u8>(out++, 0x0a)
  out = writeDocument(event, record, load<u32>(job, jobShared), load<u32>(job, jobWords), out)
  if (!out) return 0
  store<u8>(out, 0x0a)
  return out + 1
}

/** The end of an id, `FROM-LENGTH`, as `document-id.ts` writes it, and of the action, `"}}`. */
function writePlace(event: usize, out: usize): usize {
  const from = load<u64>(event, eventFrom)
  out = writeBase36(from, out)
  store<u8>(out++, 0x2d)
  out = writeBase36(load<u64>(event, eventTo) - from, out)
  store<u32>(out, 0x7d_7d_22)
  return out + 3
}
