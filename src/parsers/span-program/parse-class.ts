import { complementOf, inBothCases, nothing, rangeOf } from './character-set.ts'
import type { CharacterSet } from './character-set.ts'
import { parseEscape } from './parse-escape.ts'
import type { Escaped } from './parse-escape.ts'
import type { PatternReader } from './pattern-reader.ts'

/** A class such as `[^\]\s-]`, from behind its `[` to behind its `]`. */
export function parseClass(reader: PatternReader): CharacterSet {
  const isNegated = reader.take('^')
  let set = nothing
  while (!reader.isAtEnd && !reader.take(']')) set |= parseMember(reader)
  const cased = reader.flags.ignoresCase ? inBothCases(set) : set
  return isNegated ? complementOf(cased) : cased
}

/** One character, or a range. A dash at an edge, or beside a set, stands for itself. */
function parseMember(reader: PatternReader): CharacterSet {
  const from = parseOne(reader)
  const isRange = reader.peek() === '-' && !reader.source.startsWith('-]', reader.at)
  if (!isRange) return setOfOne(from)
  reader.next()
  const to = parseOne(reader)
  if ('code' in from && 'code' in to) return rangeOf(from.code, to.code)
  return setOfOne(from) | setOfOne({ code: 0x2d }) | setOfOne(to)
}

function parseOne(reader: PatternReader): Escaped {
  if (!reader.take('\\')) return { code: reader.next().charCodeAt(0) }
  return reader.take('b') ? { code: 8 } : parseEscape(reader)
}

const setOfOne = (one: Escaped): CharacterSet => ('set' in one ? one.set : rangeOf(one.code, one.code))
