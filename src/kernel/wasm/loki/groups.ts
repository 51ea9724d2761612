/**
 * The streams that a record's events were dealt to, in the order in which they were met: a group for each.
 *
 * 48 bytes: u32 number of the stream, count, bytes, 1 if the entries are not ascending; u64 lowest and highest time of the
 * events, time of the last entry (seconds << 32 | nanos); u32 place of its next event. src/sinks/loki/kernel/deal-job.ts has
 * the twins of these places.
 */
const groupCount: usize = 4
const groupBytes: usize = 8
const groupDisorder: usize = 12
const groupLow: usize = 16
const groupHigh: usize = 24
const groupLast: usize = 32
const groupNext: usize = 40
const groupSize: usize = 48

/** Streams have numbers below this, and each has one group at most. */
const mostGroups: usize = 8192
const groups: usize = memory.data(393216, 16)
let count: u32 = 0

/** By number of a stream: u32 for which deal it was set, u32 its group. */
const ofStreams: usize = memory.data(65536, 16)
const ofStreamsBytes: usize = 65536
let deal: u32 = 0

export function groupsAt(): usize {
  return groups
}

export function groupsFound(): u32 {
  return count
}

export function clearGroups(): void {
  count = 0
  if (++deal != 0) return
  // After 2^32 deals: 0 is what streams have that never came, and their events would be the first group's.
  memory.fill(ofStreams, 0, ofStreamsBytes)
  deal = 1
}

/** Counts an event into its stream's group, and returns the number of the group. */
export function countInto(stream: u32, bytes: u32, time: u64, eventTime: u64): u32 {
  const ofStream = ofStreams + ((<usize>stream % mostGroups) << 3)
  if (load<u32>(ofStream) != deal) {
    store<u32>(ofStream, deal)
    store<u32>(ofStream, count, 4)
    begin(groups + <usize>count * groupSize, stream, eventTime)
    count++
  }
  const index = load<u32>(ofStream, 4)
  const group = groups + <usize>index * groupSize
  store<u32>(group, load<u32>(group, groupCount) + 1, groupCount)
  // Small lines with large metadata may come to more than 32 bits hold: counted from 0 again, they would seem to fit.
  const sum = <u64>load<u32>(group, groupBytes) + <u64>bytes
  store<u32>(group, <u32>min<u64>(sum, u32.MAX_VALUE), groupBytes)
  if (time < load<u64>(group, groupLast)) store<u32>(group, 1, groupDisorder)
  store<u64>(group, time, groupLast)
  if (eventTime < load<u64>(group, groupLow)) store<u64>(group, eventTime, groupLow)
  if (eventTime > load<u64>(group, groupHigh)) store<u64>(group, eventTime, groupHigh)
  return index
}

function begin(group: usize, stream: u32, eventTime: u64): void {
  memory.fill(group, 0, groupSize)
  store<u32>(group, stream)
  store<u64>(group, eventTime, groupLow)
  store<u64>(group, eventTime, groupHigh)
}

/** Groups stand one behind the other. */
export function placeGroups(): void {
  let place: u32 = 0
  for (let index: u32 = 0; index < count; index++) {
    const group = groups + <usize>index * groupSize
    store<u32>(group, place, groupNext)
    place += load<u32>(group, groupCount)
  }
}

/** The next free place of the group's events. */
export function nextPlaceIn(index: u32): u32 {
  const group = groups + <usize>index * groupSize
  const place = load<u32>(group, groupNext)
  store<u32>(group, place + 1, groupNext)
  return place
}
