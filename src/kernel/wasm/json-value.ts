import { endOfString } from './json-string'

/** Brackets are kept as bits of a number: what nests deeper is the general lane's, which has no bound. */
const deepest: u32 = 62

let isTooDeep: bool = false

/** Whether the last nested value was given up for its depth, and not because it is no JSON. */
export function valueIsTooDeep(): bool {
  return isTooDeep
}

/** The first byte at or behind `at` that is no space, tab or CR. A newline ends the line. */
export function endOfSpace(at: usize): usize {
  while (true) {
    const byte: u32 = load<u8>(at)
    if (byte > 0x20 || (byte != 0x20 && byte != 0x09 && byte != 0x0d)) return at
    at++
  }
}

/** A line begins. */
export function forgetDepth(): void {
  isTooDeep = false
}

/** Behind the value that begins at `at`; 0 for what `JSON.parse` would refuse, and for what is too deep. */
export function endOfValue(at: usize): usize {
  const first: u32 = load<u8>(at)
  if (first == 0x22) {
    const quote = endOfString(at + 1)
    return quote == 0 ? 0 : quote + 1
  }
  return first == 0x7b || first == 0x5b ? endOfNested(at) : endOfScalar(at, first)
}

function endOfScalar(at: usize, first: u32): usize {
  if (first - 0x30 <= 9 || first == 0x2d) return endOfNumber(at)
  const word = load<u32>(at)
  if (word == 0x65757274) return at + 4 // true
  if (word == 0x6c6c756e) return at + 4 // null
  return first == 0x66 && load<u32>(at, 1) == 0x65736c61 ? at + 5 : 0 // false
}

/** `-`, digits without a leading zero, a fraction, an exponent. */
function endOfNumber(at: usize): usize {
  if (load<u8>(at) == 0x2d) at++
  const whole = at
  at = endOfDigits(at)
  if (at == whole || (load<u8>(whole) == 0x30 && at > whole + 1)) return 0
  if (load<u8>(at) == 0x2e) {
    const fraction = at + 1
    at = endOfDigits(fraction)
    if (at == fraction) return 0
  }
  if ((load<u8>(at) | 0x20) != 0x65) return at
  const sign: u32 = load<u8>(at, 1)
  const exponent = sign == 0x2b || sign == 0x2d ? at + 2 : at + 1
  at = endOfDigits(exponent)
  return at == exponent ? 0 : at
}

function endOfDigits(at: usize): usize {
  while (<u32>load<u8>(at) - 0x30 <= 9) at++
  return at
}

/** Behind the object or array that begins at `at`. Each bit of `open` is a bracket that is not closed, 1 for an object. */
function endOfNested(at: usize): usize {
  let open: u64 = 1
  let depth: u32 = 0
  isTooDeep = false
  while (true) {
    const isObject = load<u8>(at) == 0x7b
    open = (open << 1) | u64(isObject)
    if (++depth > deepest) {
      isTooDeep = true
      return 0
    }
    at = endOfSpace(at + 1)
    let isClosed = load<u8>(at) == closing(isObject)
    // Values up to the next bracket that opens.
    while (true) {
      if (isClosed) {
        at++
        open >>= 1
        if (--depth == 0) return at
      } else {
        if ((open & 1) == 1) at = startOfMember(at)
        if (at == 0) return 0
        const first: u32 = load<u8>(at)
        if (first == 0x7b || first == 0x5b) break
        at = endOfValue(at)
        if (at == 0) return 0
      }
      at = endOfSpace(at)
      const next = <u32>load<u8>(at)
      isClosed = next == closing((open & 1) == 1)
      if (isClosed) continue
      if (next != 0x2c) return 0
      at = endOfSpace(at + 1)
    }
  }
}

function closing(isObject: bool): u32 {
  return isObject ? 0x7d : 0x5d
}

/** Where the value of the member begins whose key should begin at `at`. */
function startOfMember(at: usize): usize {
  if (load<u8>(at) != 0x22) return 0
  const quote = endOfString(at + 1)
  return quote == 0 ? 0 : behindColon(quote + 1)
}

/** Where the value begins behind the colon that must follow; 0 where it does not. */
export function behindColon(at: usize): usize {
  at = endOfSpace(at)
  return load<u8>(at) == 0x3a ? endOfSpace(at + 1) : 0
}
