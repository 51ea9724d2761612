/** Where the newline at or behind `at` stands, or `end`. */
export function endOfLine(at: usize, end: usize): usize {
  return findByte(at, end, 0x0a)
}

/** Where the byte stands first in `[at, end)`, or `end`. 16 bytes a step. */
export function findByte(at: usize, end: usize, byte: u8): usize {
  const wanted = i8x16.splat(byte)
  while (at < end) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), wanted))
    if (found) return min<usize>(at + ctz(found), end)
    at += 16
  }
  return end
}
