import {
  holdsLineEnd,
  holdsOthers,
  holdsSeparators,
  holdsSome,
  holdsWideSpaces,
  setBeyondAscii,
  setBytes,
} from '../../kernel/span-layout.ts'

/**
 * A set of characters as a number: bits 0 to 127 are ASCII, above them the kernel's bits for what lies beyond
 * (`holds…` of span-layout.ts). Beyond ASCII it is exact for the sets that people write (`.`, `\s`, `[^"]`); a set that
 * has `holdsSome` claims all kinds and is none that the kernel decides by.
 */
export type CharacterSet = bigint

const asciiBits = 128n
const beyond = (bits: number): CharacterSet => BigInt(bits) << asciiBits

const allAscii: CharacterSet = (1n << asciiBits) - 1n
const allBeyond = beyond(holdsSeparators | holdsWideSpaces | holdsOthers)
/** Some characters beyond ASCII: who knows which. */
export const someBeyond: CharacterSet = allBeyond | beyond(holdsSome)

export const nothing: CharacterSet = 0n
export const everything: CharacterSet = allAscii | allBeyond
/** In a set of what may follow: the end of the line. */
export const lineEnd: CharacterSet = beyond(holdsLineEnd)

export const setOf = (text: string): CharacterSet =>
  Array.from(text, (char) => 1n << BigInt(char.charCodeAt(0))).reduce((set, bit) => set | bit, nothing)

/** The characters from one UTF-16 unit to another. */
export function rangeOf(from: number, to: number): CharacterSet {
  let set = nothing
  for (let code = from; code <= Math.min(to, 127); code++) set |= 1n << BigInt(code)
  if (to < 128) return set
  return set | (from <= 128 && to === 0xffff ? allBeyond : someBeyond)
}

/** All that is not in the set. Of some beyond ASCII the others are some too. */
export function complementOf(set: CharacterSet): CharacterSet {
  return holdsOnlySome(set) ? (~set & allAscii) | someBeyond : ~set & everything
}

/** Taken from it what another set may hold. */
export const without = (set: CharacterSet, other: CharacterSet): CharacterSet => set & ~(other & everything)

export const isDisjoint = (one: CharacterSet, other: CharacterSet): boolean => (one & other) === nothing

export const holdsOnlySome = (set: CharacterSet): boolean => (set & beyond(holdsSome)) !== nothing

const lower = rangeOf(0x61, 0x7a)
const upper = rangeOf(0x41, 0x5a)
export const digits = rangeOf(0x30, 0x39)
export const wordCharacters = lower | upper | digits | setOf('_')
export const whiteSpace = setOf('\t\n\v\f\r ') | beyond(holdsSeparators | holdsWideSpaces)
/** `.` without flag s. */
export const notLineEnds = complementOf(setOf('\n\r') | beyond(holdsSeparators))

/** All characters of the kind of one that is beyond ASCII. */
export function kindOf(char: string): CharacterSet {
  if (/[\u2028\u2029]/.test(char)) return beyond(holdsSeparators)
  return beyond(/\s/.test(char) ? holdsWideSpaces : holdsOthers)
}

/** Letters in either case, as flag `i` has it: no letter beyond ASCII is the other case of one in ASCII there. */
export const inBothCases = (set: CharacterSet): CharacterSet =>
  set | ((set & upper) << 32n) | ((set & lower) >> 32n)

/** The range of ASCII that the set is, if it is one. */
export function asciiRangeOf(set: CharacterSet): { from: number; to: number } | undefined {
  if (set === nothing || set > allAscii) return undefined
  const bits = set.toString(2)
  const to = bits.length - 1
  const from = to - bits.lastIndexOf('1')
  return bits.slice(0, to - from + 1).includes('0') ? undefined : { from, to }
}

/** As the kernel looks it up. */
export function bytesOfSet(set: CharacterSet): Uint8Array {
  const bytes = new Uint8Array(setBytes)
  for (let code = 0; code < 128; code++) {
    if ((set >> BigInt(code)) & 1n) bytes[code & 15]! |= 1 << (code >> 4)
  }
  bytes[setBeyondAscii] = Number(set >> asciiBits)
  return bytes
}
