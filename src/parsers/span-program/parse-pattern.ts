import { bounds } from './bounds.ts'
import { everything, inBothCases, kindOf, notLineEnds, rangeOf, someBeyond } from './character-set.ts'
import type { CharacterSet } from './character-set.ts'
import { parseClass } from './parse-class.ts'
import { parseEscape } from './parse-escape.ts'
import { PatternReader } from './pattern-reader.ts'
import { alternation, assertion, bytes, character, group, repetition, sequence } from './pattern-tree.ts'
import type { PatternNode } from './pattern-tree.ts'

export interface ParsedPattern {
  readonly root: PatternNode
  readonly groups: Groups
}

export interface Groups {
  /** Those that capture, without the whole match. */
  readonly count: number
  /** The number of each that has a name. */
  readonly names: ReadonlyMap<string, number>
}

/** The tree of a pattern that RegExp accepts with these flags. Throws `Refusal` for what no span program can do. */
export function parsePattern(source: string, flags: string): ParsedPattern {
  const reader = new PatternReader(source, flags)
  const parser = new PatternParser(reader)
  const root = parser.parseBranches()
  if (!reader.isAtEnd) reader.refuse('a bracket that closes no group', reader.at)
  return { root, groups: { count: parser.groups, names: parser.names } }
}

const counts = /\{(\d+)(?:(,)(\d*))?\}/y
const groupName = /<([^=!>][^>]*)>/y

class PatternParser {
  groups = 0
  readonly names = new Map<string, number>()
  readonly #reader: PatternReader
  #depth = 0

  constructor(reader: PatternReader) {
    this.#reader = reader
  }

  /** `a|b`, to the end or the bracket that closes it. */
  parseBranches(): PatternNode {
    const branches: PatternNode[] = []
    do {
      const parts: PatternNode[] = []
      while (!this.#reader.isAtEnd && !'|)'.includes(this.#reader.peek())) parts.push(this.#parsePart())
      branches.push(sequence(parts))
    } while (this.#reader.take('|'))
    return alternation(branches)
  }

  #parsePart(): PatternNode {
    const { at } = this.#reader
    const firstGroup = this.groups + 1
    const atom = this.#parseAtom()
    const count = this.#parseCount()
    if (!count) return atom
    if (atom.kind === 'bytes' && atom.bytes.length > 3) {
      this.#reader.refuse('a count behind a character of two UTF-16 units', at)
    }
    const isLazy = this.#reader.take('?')
    const groups = { from: firstGroup, behind: this.groups + 1 }
    return repetition({ body: atom, ...count, isLazy, at, groups })
  }

  #parseCount(): { least: number; most: number } | undefined {
    const reader = this.#reader
    const { at } = reader
    if (reader.take('*')) return { least: 0, most: Infinity }
    if (reader.take('+')) return { least: 1, most: Infinity }
    if (reader.take('?')) return { least: 0, most: 1 }
    const match = reader.match(counts)
    if (!match) return undefined
    const least = Number(match[1])
    const most = match[2] === undefined ? least : match[3] === '' ? Infinity : Number(match[3])
    if (least > bounds.count || (most > bounds.count && most !== Infinity)) {
      reader.refuse(`a repetition of more than ${bounds.count}`, at)
    }
    return { least, most }
  }

  #parseAtom(): PatternNode {
    const reader = this.#reader
    const { at } = reader
    const char = reader.next()
    if (char === '(') return this.#parseGroup(at)
    if (char === '[') return character(parseClass(reader))
    if (char === '.') return character(reader.flags.dotTakesAll ? everything : notLineEnds)
    if (char === '^' || char === '$') {
      if (reader.flags.isMultiline) reader.refuse('flag m, which finds lines within a line', at)
      return assertion(char === '^' ? 'line start' : 'line end')
    }
    if (char !== '\\') return this.#literal(char.charCodeAt(0), at)
    if (reader.take('b')) return assertion('word boundary')
    if (reader.take('B')) return assertion('no word boundary')
    const escaped = parseEscape(reader)
    return 'set' in escaped ? character(escaped.set) : this.#literal(escaped.code, at)
  }

  /** One UTF-16 unit; two where they are one character. */
  #literal(code: number, at: number): PatternNode {
    const { ignoresCase } = this.#reader.flags
    const cased = (set: CharacterSet): CharacterSet => (ignoresCase ? inBothCases(set) : set)
    if (code < 128) return character(cased(rangeOf(code, code)))
    if (ignoresCase || code === 0xfffd) return character(someBeyond)
    const isHalf = code >= 0xd800 && code <= 0xdfff
    const low = isHalf ? this.#reader.match(/[\udc00-\udfff]/y) : null
    if (isHalf && (code > 0xdbff || !low)) this.#reader.refuse('half of a character', at)
    const text = String.fromCharCode(code) + (low?.[0] ?? '')
    return bytes(text, kindOf(text))
  }

  #parseGroup(at: number): PatternNode {
    const reader = this.#reader
    if (++this.#depth > bounds.depth) reader.refuse(`groups within groups, more than ${bounds.depth}`, at)
    const hasKind = reader.take('?')
    const name = hasKind ? reader.match(groupName)?.[1] : undefined
    const isCaptured = !hasKind || name !== undefined
    if (!isCaptured && !reader.take(':')) {
      reader.refuse(/[=!<]/.test(reader.peek()) ? 'look-around' : 'a group with flags of its own', at)
    }
    const index = isCaptured ? ++this.groups : 0
    if (index > bounds.groups) reader.refuse(`more than ${bounds.groups} groups that capture`, at)
    if (name !== undefined) this.#nameGroup(name, index, at)
    const body = this.parseBranches()
    reader.next()
    this.#depth--
    return isCaptured ? group(index, body) : body
  }
  /** Newer V8s let branches share a name: which group has it depends on the branch. */
  #nameGroup(name: string, index: number, at: number): void {
    if (this.names.has(name)) this.#reader.refuse('two groups of one name', at)
    this.names.set(name, index)
  }
}
