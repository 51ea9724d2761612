import { compileGuarded } from './regex-guard.ts'
import type { GuardedRegex } from './regex-guard.ts'

/** How far a pattern that does not fit a text fits it all the same. */
export interface RegexReach {
  /** The part of the text that the longest beginning of the pattern takes. */
  readonly fits: string
  /** Where the text goes on behind that. */
  readonly rest: string
  /** What the pattern wants there. */
  readonly wants: string
}

/** For a person who waits: each beginning of the pattern is compiled and run. */
const longestPattern = 500
const longestText = 8192

/**
 * Where a pattern gives up. Its beginnings are tried, the longest first: those that end within a group or a class are no
 * patterns and are passed over. Undefined where nothing fits, not even the first character, or where that would take long.
 */
export function regexReach(pattern: string, text: string): RegexReach | undefined {
  if (pattern.length > longestPattern || text.length > longestText) return undefined
  for (let length = pattern.length - 1; length > 0; length -= 1) {
    const beginning = compiled(pattern.slice(0, length))
    const match = beginning?.exec(text)
    if (match === 'timeout') return undefined
    if (!match || match[0] === '') continue
    const end = match.index + match[0].length
    return { fits: text.slice(match.index, end), rest: text.slice(end), wants: pattern.slice(length) }
  }
  return undefined
}

function compiled(pattern: string): GuardedRegex | undefined {
  try {
    return compileGuarded(pattern)
  } catch {
    return undefined
  }
}
