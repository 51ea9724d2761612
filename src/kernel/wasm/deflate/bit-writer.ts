/** The bits that are not written yet, lowest first, as deflate packs them. */
let bits: u64 = 0
let count: u32 = 0
let out: usize = 0

/** From here on bytes go to `address`; the bits of an unfinished byte are kept. */
export function writeBitsTo(address: usize): void {
  out = address
}

export function forgetBits(): void {
  bits = 0
  count = 0
}

/** Up to 32 bits. */
export function putBits(value: u32, length: u32): void {
  bits |= (<u64>value) << (<u64>count)
  count += length
  store<u64>(out, bits)
  out += count >> 3
  bits >>= <u64>(count & ~7)
  count &= 7
}

/** Fills the unfinished byte with zeros. */
export function alignToByte(): void {
  if (count) putBits(0, 8 - count)
}

/** Where the next whole byte goes. */
export function bitsEnd(): usize {
  return out
}

/** For loops that keep the writer's state in locals, which are registers: the state out, and in again. */
export function pendingBits(): u64 {
  return bits
}

export function pendingCount(): u32 {
  return count
}

export function resumeBits(address: usize, pending: u64, pendingLength: u32): void {
  out = address
  bits = pending
  count = pendingLength
}
