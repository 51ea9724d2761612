import {
  stateLastBump,
  stateLastNanos,
  stateLastSeconds,
  stateReadingBump,
  stateReadingNanos,
  stateReadingSeconds,
} from './lane-state'

const nanosPerSecond: i64 = 1_000_000_000
const readingNanos: i64 = 1_000_000

/** What Loki's copy of an event's own time gets on top, in nanoseconds (`lanes/bumps.ts`, `next`). */
export function nextBump(state: usize, seconds: u32, nanos: u32): u64 {
  const own = state + stateLastSeconds
  const apart = bumpAfter(state + stateReadingSeconds, seconds, nanos, load<u64>(state, stateReadingBump))
  const bump = max(bumpAfter(own, seconds, nanos, load<u64>(state, stateLastBump)), apart)
  store<u32>(state, seconds, stateLastSeconds)
  store<u32>(state, nanos, stateLastNanos)
  store<u64>(state, bump, stateLastBump)
  return bump
}

/** The same of a time of reading (`nextOfReading`). */
export function nextBumpOfReading(state: usize, seconds: u32, nanos: u32): u64 {
  const reading = state + stateReadingSeconds
  const own = state + stateLastSeconds
  const behindOwn = bumpOfReadingAfter(own, seconds, nanos, load<u64>(state, stateLastBump))
  const bump = max(bumpAfter(reading, seconds, nanos, load<u64>(state, stateReadingBump)), behindOwn)
  store<u32>(state, seconds, stateReadingSeconds)
  store<u32>(state, nanos, stateReadingNanos)
  store<u64>(state, bump, stateReadingBump)
  return bump
}

/** One more than the last copy of the time at `last` where this one would fall on or before it, else nothing. */
function bumpAfter(last: usize, seconds: u32, nanos: u32, lastBump: u64): u64 {
  const behind = nanosBehind(last, seconds, nanos)
  return behind >= 0 && <u64>behind <= lastBump ? lastBump - <u64>behind + 1 : 0
}

/** The same of a time of reading after an own one, if that is not beyond the millisecond of the reading. */
function bumpOfReadingAfter(last: usize, seconds: u32, nanos: u32, lastBump: u64): u64 {
  const ahead = -nanosBehind(last, seconds, nanos)
  return ahead < readingNanos && ahead + <i64>lastBump >= 0 ? <u64>(ahead + <i64>lastBump + 1) : 0
}

/** How much later the time is than the one at `last`. */
function nanosBehind(last: usize, seconds: u32, nanos: u32): i64 {
  const secondsBehind = <i64>seconds - <i64>load<u32>(last)
  return secondsBehind * nanosPerSecond + <i64>nanos - <i64>load<u32>(last, 4)
}
