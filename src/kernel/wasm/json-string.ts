import { characterBytes } from './utf8'

/** Whether the last string that `endOfString` went through has a backslash. */
let hasEscapes: bool = false

export function stringHasEscapes(): bool {
  return hasEscapes
}

/**
 * Where the closing quote of the string stands whose first byte behind the opening quote is at `at`; 0 for what `JSON.parse`
 * would refuse. A newline ends each line and is refused in a string, so that no search leaves the block.
 */
export function endOfString(at: usize): usize {
  hasEscapes = false
  while (true) {
    const special = specialBytes(at)
    if (special == 0) {
      at += 16
      continue
    }
    at += ctz(special)
    const byte: u32 = load<u8>(at)
    if (byte == 0x22) return at
    const length = byte == 0x5c ? escapeBytes(at) : byte < 0x20 ? 0 : characterBytes(at)
    if (length == 0) return 0
    at += length
  }
}

/** A bit for each of the 16 bytes that is a quote, a backslash, a control character, or not ASCII. */
function specialBytes(at: usize): i32 {
  const bytes = v128.load(at)
  const quotes = i8x16.eq(bytes, i8x16.splat(0x22))
  const backslashes = i8x16.eq(bytes, i8x16.splat(0x5c))
  // Signed, so that bytes from 0x80 on are below 0.
  const others = i8x16.lt_s(bytes, i8x16.splat(0x20))
  return i8x16.bitmask(v128.or(v128.or(quotes, backslashes), others))
}

/** How long the escape is that begins at `at`; 0 where it is none. */
function escapeBytes(at: usize): usize {
  hasEscapes = true
  const letter: u32 = load<u8>(at, 1)
  switch (letter) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return 2
    case 0x75: // u
      return isHexDigit(load<u8>(at, 2)) &&
        isHexDigit(load<u8>(at, 3)) &&
        isHexDigit(load<u8>(at, 4)) &&
        isHexDigit(load<u8>(at, 5))
        ? 6
        : 0
    default:
      return 0
  }
}

function isHexDigit(byte: u32): bool {
  return byte - 0x30 <= 9 || (byte | 0x20) - 0x61 <= 5
}
