/** Where the newline at or behind `at` stands, or `end`. 16 bytes a step. */
export function endOfLine(at: usize, end: usize): usize {
  const newlines = i8x16.splat(0x0a)
  while (at < end) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), newlines))
    if (found) return min(at + ctz(found), end)
    at += 16
  }
  return end
}

/** How many newlines stand in `[at, end)`. */
export function countNewlines(at: usize, end: usize): u32 {
  const newlines = i8x16.splat(0x0a)
  let count: u32 = 0
  while (at + 16 <= end) {
    count += popcnt(i8x16.bitmask(i8x16.eq(v128.load(at), newlines)))
    at += 16
  }
  while (at < end) {
    if (load<u8>(at) == 0x0a) count++
    at++
  }
  return count
}
