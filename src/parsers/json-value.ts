const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const openBracket = 0x5b

/** What `JSON.parse` makes of the valid JSON value `bytes[from, to)`; undefined for what is nested too deep for the engine. */
export function jsonValue(bytes: Buffer, from: number, to: number): unknown {
  const first = bytes[from]
  if (first === quote && isPlainString(bytes, from, to)) return bytes.toString('utf8', from + 1, to - 1)
  const text = bytes.toString('utf8', from, to)
  if (first !== openBrace && first !== openBracket) return JSON.parse(text)
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A string without escapes: what stands between its quotes is its text. */
export function isPlainString(bytes: Buffer, from: number, to: number): boolean {
  if (bytes[from] !== quote) return false
  for (let at = from + 1; at < to; at++) if (bytes[at] === backslash) return false
  return true
}

export const isObjectAt = (bytes: Buffer, at: number): boolean => bytes[at] === openBrace
