import { complementOf, digits, whiteSpace, wordCharacters } from './character-set.ts'
import type { CharacterSet } from './character-set.ts'
import type { PatternReader } from './pattern-reader.ts'

/** What an escape stands for: a set, or one UTF-16 unit. */
export type Escaped = { readonly set: CharacterSet } | { readonly code: number }

const sets: Readonly<Record<string, CharacterSet>> = {
  d: digits,
  D: complementOf(digits),
  w: wordCharacters,
  W: complementOf(wordCharacters),
  s: whiteSpace,
  S: complementOf(whiteSpace),
}

const signs: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 }

const hexadecimal = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})/y

/** Reads what stands behind a backslash, within a class and without; `\b` and `\B` are none of it. */
export function parseEscape(reader: PatternReader): Escaped {
  const at = reader.at - 1
  const hex = reader.match(hexadecimal)
  if (hex) return { code: parseInt(hex[1] ?? hex[2]!, 16) }
  const char = reader.next()
  const set = sets[char]
  if (set !== undefined) return { set }
  const sign = signs[char]
  if (sign !== undefined) return { code: sign }
  if (char === '0' && !/\d/.test(reader.peek())) return { code: 0 }
  if (/[1-9k]/.test(char)) reader.refuse('a reference back to a group', at)
  if (/[0c]/.test(char)) reader.refuse('an escape by number or control letter', at)
  // A letter without a meaning stands for itself, as signs do.
  return { code: char.charCodeAt(0) }
}
