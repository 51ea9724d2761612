/** A byte grows to six at worst: `\u001f`. */
export const mostEscaped: u64 = 6

/**
 * Writes UTF-8 text as a JSON string, quotes included, as `src/render/json-text.ts` does; what lies beyond ASCII stays as
 * it is. 16 bytes a step: each is written before it is known whether something in it needs an escape, from where it is
 * written again.
 */
export function writeJsonString(from: usize, bytes: usize, out: usize): usize {
  const end = from + bytes
  store<u8>(out++, 0x22)
  while (from < end) {
    const text = v128.load(from)
    v128.store(out, text)
    const special = i8x16.bitmask(needsEscape(text))
    // What lies behind the end is not ours: 16 bits where nothing was found.
    const clean = min<usize>(special ? <usize>ctz(special) : 16, end - from)
    from += clean
    out += clean
    if (special && from < end) out = writeEscape(load<u8>(from++), out)
  }
  store<u8>(out, 0x22)
  return out + 1
}

/** All ones where a byte is a quote, a backslash or a control character. */
function needsEscape(text: v128): v128 {
  const isQuote = i8x16.eq(text, i8x16.splat(0x22))
  const isBackslash = i8x16.eq(text, i8x16.splat(0x5c))
  return v128.or(v128.or(isQuote, isBackslash), i8x16.lt_u(text, i8x16.splat(0x20)))
}

function writeEscape(byte: u32, out: usize): usize {
  store<u8>(out, 0x5c)
  const letter = escapeLetter(byte)
  store<u8>(out, letter, 1)
  if (letter != 0x75) return out + 2
  store<u8>(out, 0x30, 2)
  store<u8>(out, 0x30, 3)
  store<u8>(out, hexDigit(byte >> 4), 4)
  store<u8>(out, hexDigit(byte & 15), 5)
  return out + 6
}

/** What follows the backslash: `u` where the byte has no letter of its own. */
function escapeLetter(byte: u32): u32 {
  switch (byte) {
    case 0x22:
    case 0x5c:
      return byte
    case 0x08:
      return 0x62
    case 0x09:
      return 0x74
    case 0x0a:
      return 0x6e
    case 0x0c:
      return 0x66
    case 0x0d:
      return 0x72
    default:
      return 0x75
  }
}

function hexDigit(value: u32): u32 {
  return value < 10 ? 0x30 + value : 0x61 + value - 10
}
