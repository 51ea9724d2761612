/**
 * The symbols of RFC 1951, 3.2.5: what stands for a literal, a length and a distance, and how often each occurs in the
 * block that is being made.
 */

export const endOfBlock: u32 = 256
export const literalSymbols: u32 = 286
export const distanceSymbols: u32 = 30
export const shortestLength: u32 = 3
export const longestMatch: u32 = 258

/** u32 by symbol; both tables in one piece, to be emptied together. */
export const literalFrequencies: usize = memory.data(1152 + 128, 16)
export const distanceFrequencies: usize = literalFrequencies + 1152

/** u32 by length: the symbol, and from bit 9 on the number of extra bits, from bit 12 on their value. */
const lengths: usize = memory.data(1040, 16)

export function fillLengths(): void {
  for (let length: u32 = shortestLength; length < longestMatch; length++) {
    const above = length - shortestLength
    // Each four symbols have one extra bit more than the four before; the first eight have none.
    const extra = above < 8 ? 0 : 29 - clz(above)
    const symbol = 257 + (extra << 2) + (above >> extra)
    store<u32>(lengths + (length << 2), symbol | (extra << 9) | ((above & ((1 << extra) - 1)) << 12))
  }
  store<u32>(lengths + (longestMatch << 2), 285)
}

/** Symbol, extra bits and their value, as `lengths` packs them. */
export function lengthEntry(length: u32): u32 {
  return load<u32>(lengths + (length << 2))
}

/** Of the symbols 257 to 285. */
export function extraBitsOfLength(symbol: u32): u32 {
  return symbol < 265 || symbol == 285 ? 0 : (symbol - 261) >> 2
}

/** `below` is the distance minus one, 0 to 32,767. */
export function distanceSymbol(below: u32): u32 {
  if (below < 4) return below
  const highest = 31 - clz(below)
  return (highest << 1) | ((below >> (highest - 1)) & 1)
}

export function extraBitsOfDistance(symbol: u32): u32 {
  return symbol < 4 ? 0 : (symbol >> 1) - 1
}

export function forgetFrequencies(): void {
  memory.fill(literalFrequencies, 0, 1152 + 128)
}

export function countLiterals(from: usize, end: usize): void {
  for (let at = from; at < end; at++) countIn(literalFrequencies, load<u8>(at))
}

export function countMatch(length: u32, below: u32): void {
  countIn(literalFrequencies, lengthEntry(length) & 511)
  countIn(distanceFrequencies, distanceSymbol(below))
}

export function countIn(frequencies: usize, symbol: u32): void {
  const at = frequencies + (symbol << 2)
  store<u32>(at, load<u32>(at) + 1)
}
