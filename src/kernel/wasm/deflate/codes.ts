/** u32: the next code of each length. */
const next: usize = memory.data(64, 16)

/**
 * The canonical codes of RFC 1951, 3.2.2, from their lengths (a byte for each of `count` symbols, 15 bits at most). Each
 * entry of `codes` is a u32: the code, its first bit lowest, and its length from bit 16 on.
 */
export function assignCodes(lengths: usize, count: u32, codes: usize): void {
  memory.fill(next, 0, 64)
  for (let symbol: u32 = 0; symbol < count; symbol++) {
    const length = <u32>load<u8>(lengths + symbol)
    if (length) store<u32>(next + (length << 2), load<u32>(next + (length << 2)) + 1)
  }
  let code: u32 = 0
  for (let length: u32 = 1; length <= 15; length++) {
    const here = load<u32>(next + (length << 2))
    store<u32>(next + (length << 2), code)
    code = (code + here) << 1
  }
  for (let symbol: u32 = 0; symbol < count; symbol++) {
    const length = <u32>load<u8>(lengths + symbol)
    let entry: u32 = 0
    if (length) {
      const value = load<u32>(next + (length << 2))
      store<u32>(next + (length << 2), value + 1)
      entry = reversed(value, length) | (length << 16)
    }
    store<u32>(codes + (symbol << 2), entry)
  }
}

/** Huffman codes go out highest bit first, all else lowest first. */
function reversed(code: u32, length: u32): u32 {
  let result: u32 = 0
  for (let bit: u32 = 0; bit < length; bit++) {
    result = (result << 1) | (code & 1)
    code >>= 1
  }
  return result
}
