import { setContent } from './current-line'
import { readIsoTime } from './iso-time'
import { keepWrapperTime } from './wrapper-time'

/** `2026-01-20T10:00:00.123456789+01:00`. */
const longestTime: usize = 35

/**
 * Takes the line `[at, end)` apart: `TIME STREAM F CONTENT`, as containerd writes nearly all lines (`parsers/cri.ts`).
 * Returns the stream, 1 for stdout and 2 for stderr; 0 for all others, parts of lines above all.
 */
export function readCri(at: usize, end: usize): u32 {
  let timeEnd = at + 20
  const last = min(at + longestTime, end)
  while (timeEnd < last && load<u8>(timeEnd) != 0x20) timeEnd++
  // Behind the time: " stdout F ". Where there is no content the last space may be cut off: the general lane knows.
  if (timeEnd + 10 > end || load<u8>(timeEnd) != 0x20) return 0
  // "std" and " F "; the letters in between tell the streams apart.
  if ((load<u32>(timeEnd, 1) & 0xffffff) != 0x647473) return 0
  if ((load<u32>(timeEnd, 7) & 0xffffff) != 0x204620) return 0
  const letters = load<u32>(timeEnd, 4) & 0xffffff
  const stream: u32 = letters == 0x74756f ? 1 : letters == 0x727265 ? 2 : 0
  if (stream == 0 || !readIsoTime(at, timeEnd)) return 0
  keepWrapperTime()
  setContent(timeEnd + 10, end, stream)
  return stream
}
