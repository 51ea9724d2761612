import { isDigit } from './time-value.ts'

/** Steps of scanners that take a line apart by hand: each looks at a character once, whatever a hostile line holds. */

export const space = 0x20
export const quote = 0x22
const backslash = 0x5c

/** Where the quote that closes the text opened at `from` stands, or -1. A backslash guards the character behind it. */
export function closingQuote(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === backslash) at++
    else if (code === quote) return at
  }
  return -1
}

/** Where the word that starts at `from` ends: at a space, or at the end of the text. */
export function endOfWord(text: string, from: number): number {
  const end = text.indexOf(' ', from)
  return end < 0 ? text.length : end
}

/** Where the run of spaces and tabs that starts at `from` ends. */
export function skipBlanks(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) === space || text.charCodeAt(at) === 9) at++
  return at
}

/** Whether `text[from, to)` is digits, one at least. */
export function isAllDigits(text: string, from = 0, to = text.length): boolean {
  if (from >= to) return false
  for (let at = from; at < to; at++) if (!isDigit(text.charCodeAt(at))) return false
  return true
}

/** `0` stands for any digit, all else for itself: whether `text` has this shape at `at`. */
export function hasShape(text: string, at: number, shape: string): boolean {
  for (let index = 0; index < shape.length; index++) {
    const wanted = shape.charCodeAt(index)
    const code = text.charCodeAt(at + index)
    if (wanted === 48 ? !isDigit(code) : code !== wanted) return false
  }
  return true
}
