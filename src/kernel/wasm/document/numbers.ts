/** Writes a number in decimal digits; returns where they end. */
export function writeDecimal(value: u64, out: usize): usize {
  let digits: usize = 1
  for (let bound: u64 = 10; bound <= value && digits < 19; bound *= 10) digits++
  let at = out + digits
  // A division by a constant is a multiplication, but in 32 bits alone on every Node: offsets above 4 GiB are few.
  while (value > <u64>u32.MAX_VALUE) {
    store<u8>(--at, 0x30 + <u32>(value % 10))
    value /= 10
  }
  let rest = <u32>value
  do {
    store<u8>(--at, 0x30 + (rest % 10))
    rest /= 10
  } while (rest)
  return out + digits
}

/** Writes a number as JavaScript's `toString(36)` does; returns where it ends. */
export function writeBase36(value: u64, out: usize): usize {
  let digits: usize = 1
  for (let bound: u64 = 36; bound <= value && digits < 12; bound *= 36) digits++
  let at = out + digits
  while (value > <u64>u32.MAX_VALUE) {
    store<u8>(--at, base36Digit(<u32>(value % 36)))
    value /= 36
  }
  let rest = <u32>value
  do {
    store<u8>(--at, base36Digit(rest % 36))
    rest /= 36
  } while (rest)
  return out + digits
}

function base36Digit(value: u32): u32 {
  return value < 10 ? 0x30 + value : 0x61 + value - 10
}

/** Writes `digits` digits of a number, zeros in front; returns where they end. */
export function writePadded(value: u32, digits: u32, out: usize): usize {
  let at = out + digits
  let rest = value
  while (at > out) {
    store<u8>(--at, 0x30 + (rest % 10))
    rest /= 10
  }
  return out + digits
}
