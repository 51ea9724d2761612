/**
 * Whether `[at, end)` is an id as nearly everybody writes it: 16 or 32 digits of lower-case hex, not all 0
 * (`enrich/trace-ids.ts`, `isPlainHexId`).
 */
export function isPlainHexId(at: usize, end: usize): bool {
  const length = end - at
  if (length != 32 && length != 16) return false
  let isZero = isAllZeros(at)
  if (!isHex(at)) return false
  if (length == 32) {
    isZero = isZero && isAllZeros(at + 16)
    if (!isHex(at + 16)) return false
  }
  return !isZero
}

/** 16 bytes that are `0` to `9` or `a` to `f`. */
function isHex(at: usize): bool {
  const bytes = v128.load(at)
  const decimals = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(10))
  const letters = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x61)), i8x16.splat(6))
  return i8x16.all_true(v128.or(decimals, letters))
}

function isAllZeros(at: usize): bool {
  return i8x16.all_true(i8x16.eq(v128.load(at), i8x16.splat(0x30)))
}
