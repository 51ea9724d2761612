import { everything, lineEnd, nothing } from './character-set.ts'
import type { CharacterSet } from './character-set.ts'

/** A pattern, taken apart. `at` is where a part begins in the pattern. */
export type PatternNode = (Character | Bytes | Sequence | Alternation | Group | Repetition | Assertion) &
  Facts

/** What is known of a part of a pattern, or of all that stands behind a part. */
export interface Start {
  /** What it may begin with: perhaps more than it does, never less. */
  readonly first: CharacterSet
  /** It matches at every place of every line. */
  readonly isSure: boolean
}

/** What is known of a part by itself, wherever it stands. */
export interface Facts extends Start {
  /** It may match without taking anything. */
  readonly isNullable: boolean
  /** What stands behind it may begin where it begins. Not behind `$`, which is nullable too: there the line ends. */
  readonly isTransparent: boolean
}

interface Character {
  readonly kind: 'character'
  readonly set: CharacterSet
}

/** A character beyond ASCII, in UTF-8. */
interface Bytes {
  readonly kind: 'bytes'
  readonly bytes: Uint8Array
}

interface Sequence {
  readonly kind: 'sequence'
  readonly parts: readonly PatternNode[]
}

interface Alternation {
  readonly kind: 'alternation'
  readonly branches: readonly PatternNode[]
}

interface Group {
  readonly kind: 'group'
  /** From 1, by the brackets from left to right. */
  readonly index: number
  readonly body: PatternNode
}

export interface Repetition {
  readonly kind: 'repetition'
  readonly body: PatternNode
  readonly least: number
  /** `Infinity`: no bound. */
  readonly most: number
  readonly isLazy: boolean
  /** Of one set: it is known to take as many as there are. */
  readonly isOnlyWay?: boolean
  readonly at: number
  /** The captures within: each round begins without them. */
  readonly groups: { readonly from: number; readonly behind: number }
}

interface Assertion {
  readonly kind: 'assertion'
  readonly what: 'line start' | 'line end' | 'word boundary' | 'no word boundary'
}

export const character = (set: CharacterSet): PatternNode & Character => ({
  kind: 'character',
  set,
  first: set & everything,
  isNullable: false,
  isTransparent: false,
  isSure: false,
})

export const bytes = (text: string, first: CharacterSet): PatternNode => ({
  kind: 'bytes',
  bytes: new TextEncoder().encode(text),
  first,
  isNullable: false,
  isTransparent: false,
  isSure: false,
})

export function sequence(parts: readonly PatternNode[]): PatternNode {
  const flat = parts.flatMap((part) => (part.kind === 'sequence' ? part.parts : [part]))
  if (flat.length === 1) return flat[0]!
  let start: Start = { first: nothing, isSure: true }
  for (const part of flat.toReversed()) start = before(part, start)
  return {
    kind: 'sequence',
    parts: flat,
    ...start,
    isNullable: flat.every((part) => part.isNullable),
    isTransparent: flat.every((part) => part.isTransparent),
  }
}

export const alternation = (branches: readonly PatternNode[]): PatternNode =>
  branches.length === 1
    ? branches[0]!
    : {
        kind: 'alternation',
        branches,
        first: branches.reduce((first, branch) => first | branch.first, nothing),
        isNullable: branches.some((branch) => branch.isNullable),
        isTransparent: branches.some((branch) => branch.isTransparent),
        isSure: branches.some((branch) => branch.isSure),
      }

export const group = (index: number, body: PatternNode): PatternNode => ({
  kind: 'group',
  index,
  body,
  first: body.first,
  isNullable: body.isNullable,
  isTransparent: body.isTransparent,
  isSure: body.isSure,
})

export const repetition = (parts: Omit<Repetition, 'kind'>): PatternNode => ({
  kind: 'repetition',
  ...parts,
  first: parts.most === 0 ? nothing : parts.body.first,
  isNullable: parts.least === 0 || parts.body.isNullable,
  isTransparent: parts.least === 0 || parts.body.isTransparent,
  isSure: parts.least === 0 || parts.body.isSure,
})

export const assertion = (what: Assertion['what']): PatternNode => ({
  kind: 'assertion',
  what,
  first: what === 'line end' ? lineEnd : nothing,
  isNullable: true,
  isTransparent: what !== 'line end',
  isSure: false,
})

/** What is known of a part and of what stands behind it, together. */
export const before = (part: Facts, behind: Start): Start => ({
  first: part.first | (part.isTransparent ? behind.first : nothing),
  isSure: part.isSure && behind.isSure,
})
