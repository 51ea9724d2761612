/**
 * How lines end in a file's own bytes, and where a line may be cut. `from` is where the data begins in the file: units of
 * two bytes are counted from the file's start.
 */
export interface LineForm {
  readonly unitBytes: 1 | 2
  /** Behind the next newline that begins at `at` or later, or -1. */
  endOfNext(data: Uint8Array, at: number, from: number): number
  /** Behind the last newline that ends at `end` or before, or 0. */
  endOfLast(data: Uint8Array, end: number, from: number): number
  /** The bytes of a CR at the line's end. */
  returnBytes(line: Uint8Array): number
  /** `[start, end)` without the beginning of a character whose rest is cut off, as far as that can be seen from behind. */
  cut(bytes: Uint8Array, start: number, end: number): Uint8Array
}

const newline = 0x0a
const carriageReturn = 0x0d

/**
 * UTF-8, and every encoding in which a newline is one byte: single-byte ones, and those of East Asia, whose second bytes
 * begin at 0x30 (GB18030), 0x40 (GBK, Shift_JIS, Big5) or 0x41 (EUC-KR). A byte 0x0A is a newline there and nothing else.
 */
const bytesForm: LineForm = {
  unitBytes: 1,
  endOfNext: (data, at) => data.indexOf(newline, at) + 1 || -1,
  endOfLast: (data, end) => (end <= 0 ? 0 : data.lastIndexOf(newline, end - 1) + 1),
  returnBytes: (line) => (line.at(-1) === carriageReturn ? 1 : 0),
  // Only from the line's start can be seen where a character begins: the decoder leaves a half one out.
  cut: (bytes, start, end) => bytes.subarray(start, end),
}

export const utf8Form: LineForm = { ...bytesForm, cut: cutAtCharacter }

/** `[start, end)` without the beginning of a UTF-8 character whose rest is cut off. */
export function cutAtCharacter(bytes: Uint8Array, start: number, end: number): Uint8Array {
  let cut = Math.min(end, bytes.length)
  // At most three bytes back: in a run of stray continuation bytes there is no border to find.
  for (let back = 0; back < 3 && cut > start && isContinuation(bytes[cut]); back++) cut--
  return bytes.subarray(start, isContinuation(bytes[cut]) || cut === start ? end : cut)
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** In UTF-16 a byte 0x0A is a newline only as a unit's low byte beside a zero: U+0A05 and U+010A have one too. */
function utf16Form(low: 0 | 1): LineForm {
  const high = 1 - low
  const isUnit = (data: Uint8Array, at: number, value: number): boolean =>
    data[at + low] === value && data[at + high] === 0
  return {
    unitBytes: 2,
    endOfNext(data, at, from) {
      for (let found = data.indexOf(newline, at); found >= 0; found = data.indexOf(newline, found + 1)) {
        const unit = found - low
        if (unit >= at && (from + unit) % 2 === 0 && isUnit(data, unit, newline)) return unit + 2
      }
      return -1
    },
    endOfLast(data, end, from) {
      for (let found = end; found > 0;) {
        found = data.lastIndexOf(newline, found - 1)
        const unit = found - low
        if (found < 0) break
        if (unit >= 0 && unit + 2 <= end && (from + unit) % 2 === 0 && isUnit(data, unit, newline))
          return unit + 2
      }
      return 0
    },
    returnBytes: (line) => (line.length >= 2 && isUnit(line, line.length - 2, carriageReturn) ? 2 : 0),
    cut(bytes, start, end) {
      const whole = Math.min(end, bytes.length)
      const cut = whole - ((whole - start) % 2)
      const isHighSurrogate = cut - 2 >= start && (bytes[cut - 2 + high]! & 0xfc) === 0xd8
      return bytes.subarray(start, isHighSurrogate ? cut - 2 : cut)
    },
  }
}

export const lineForms = { bytes: bytesForm, utf16le: utf16Form(0), utf16be: utf16Form(1) } as const
