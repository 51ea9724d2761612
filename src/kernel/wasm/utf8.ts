/**
 * How many bytes the character at `at` has, 2 to 4, where its first byte is 0x80 or above; 0 for what is no UTF-8 (RFC 3629:
 * no overlong forms, no surrogates, nothing above U+10FFFF). A newline, which ends each line, is part of no character: no
 * look goes beyond it by more than the slack.
 */
export function characterBytes(at: usize): usize {
  const first: u32 = load<u8>(at)
  if (first < 0xc2 || first > 0xf4) return 0
  const second: u32 = load<u8>(at, 1)
  if ((second & 0xc0) != 0x80) return 0
  if (first < 0xe0) return 2
  if ((load<u8>(at, 2) & 0xc0) != 0x80) return 0
  if (first < 0xf0) {
    if (first == 0xe0 && second < 0xa0) return 0
    return first == 0xed && second > 0x9f ? 0 : 3
  }
  if ((load<u8>(at, 3) & 0xc0) != 0x80) return 0
  if (first == 0xf0 && second < 0x90) return 0
  return first == 0xf4 && second > 0x8f ? 0 : 4
}

/** Whether the line `[at, end)`, behind which a newline stands, is UTF-8. */
export function isUtf8(at: usize, end: usize): bool {
  while (at < end) {
    // The sign bits: one for each byte that is not ASCII.
    const high = i8x16.bitmask(v128.load(at))
    if (high == 0) {
      at += 16
      continue
    }
    at += ctz(high)
    if (at >= end) return true
    const length = characterBytes(at)
    if (length == 0) return false
    at += length
  }
  return true
}
