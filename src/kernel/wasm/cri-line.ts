import { readNanos, readPrecision, readSeconds, setReadTime } from './read-time'
import { readIsoTime } from './iso-time'

/** `2026-01-20T10:00:00.123456789+01:00`. */
const longestTime: usize = 35

/** Of the line that `readCri` took apart last. */
let contentAt: usize = 0
let isStderr: bool = false
let seconds: u32 = 0
let nanos: u32 = 0
let precision: u32 = 0

export function criContentAt(): usize {
  return contentAt
}

/** 1 for stdout, 2 for stderr. */
export function criStream(): u32 {
  return isStderr ? 2 : 1
}

/** Makes the wrapper's time the one that was read last. */
export function setCriTime(): void {
  setReadTime(seconds, nanos, precision)
}

/**
 * Takes the line `[at, end)` apart: `TIME STREAM F CONTENT`, as containerd writes nearly all lines (`parsers/cri.ts`). False for
 * all others, parts of lines above all.
 */
export function readCri(at: usize, end: usize): bool {
  let timeEnd = at + 20
  const last = min(at + longestTime, end)
  while (timeEnd < last && load<u8>(timeEnd) != 0x20) timeEnd++
  // Behind the time: " stdout F ". Where there is no content the last space may be cut off: the general lane knows.
  if (timeEnd + 10 > end || load<u8>(timeEnd) != 0x20) return false
  // "std" and " F "; the letters in between tell the streams apart.
  if ((load<u32>(timeEnd, 1) & 0xffffff) != 0x647473) return false
  if ((load<u32>(timeEnd, 7) & 0xffffff) != 0x204620) return false
  const letters = load<u32>(timeEnd, 4) & 0xffffff
  isStderr = letters == 0x727265
  if ((!isStderr && letters != 0x74756f) || !readIsoTime(at, timeEnd)) return false
  contentAt = timeEnd + 10
  seconds = readSeconds()
  nanos = readNanos()
  precision = readPrecision()
  return true
}
