/**
 * Whether two texts of one length are the same; up to 15 bytes behind them are loaded. Names are short: eight bytes at once
 * are most of them, or tell them apart. `memory.compare` goes byte by byte where the two do not lie alike: 1 % of the CPU of
 * CRI to Loki.
 */
export function areSame(one: usize, other: usize, length: usize): bool {
  const difference = load<u64>(one) ^ load<u64>(other)
  if (length < 8) return length == 0 || difference << (64 - 8 * <u64>length) == 0
  if (difference != 0) return false
  for (; length >= 16; length -= 16, one += 16, other += 16) {
    if (!i8x16.all_true(i8x16.eq(v128.load(one), v128.load(other)))) return false
  }
  const same = i8x16.bitmask(i8x16.eq(v128.load(one), v128.load(other)))
  return (~same & ((1 << (<i32>length)) - 1)) == 0
}
