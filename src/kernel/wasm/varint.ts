/** Protobuf's and snappy's numbers: seven bits a byte, lowest first, the high bit says that more follow. */
export function writeVarint(out: usize, value: u32): usize {
  while (value > 0x7f) {
    store<u8>(out, <u8>(value | 0x80))
    out += 1
    value >>= 7
  }
  store<u8>(out, <u8>value)
  return out + 1
}

export function varintLength(value: u32): u32 {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}
