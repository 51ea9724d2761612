import { opMatched } from '../../kernel/span-layout.ts'
import { translate } from '../regex-guard.ts'
import { assemble } from './assemble.ts'
import { everything, lineEnd } from './character-set.ts'
import { headerOf } from './header.ts'
import { parsePattern } from './parse-pattern.ts'
import type { Start } from './pattern-tree.ts'
import { ProgramWriter } from './program-writer.ts'
import { Refusal } from './refusal.ts'
import { writePart } from './write-part.ts'

export interface SpanProgram {
  /** To be copied into the kernel's memory, wherever there is room; `runSpanProgram` is told where. */
  readonly bytes: Uint8Array
  /** How many u32 a run of it writes over: two for the whole match, two for each group, and its own. */
  readonly slots: number
  /** Each named group, in order, with the slot of its start; its end is in the next one. */
  readonly groups: readonly { readonly name: string; readonly slot: number }[]
}

/** Why a pattern is none, for people: "look-around, at column 12". */
export interface RefusedPattern {
  readonly refusal: string
}

/**
 * Compiles a pattern that `compileGuarded` accepts into a program for the kernel, which matches each line just as
 * `compileGuarded(pattern)` does, or says that it cannot judge it; or the reason why not.
 *
 * The pattern becomes a tree, each part of which knows what it may begin with, and from the tree instructions are written,
 * each part with what may stand behind it. That is what makes programs fast: where the next character decides, no choice
 * is kept, and most patterns that people write for logs keep none. It is never what makes them right: a choice that is
 * kept without need costs time, and the order in which the ways are tried is RegExp's own.
 */
export function compileSpanProgram(pattern: string): SpanProgram | RefusedPattern {
  const { source, flags } = translate(pattern)
  try {
    const { root, groups } = parsePattern(source, flags)
    const writer = new ProgramWriter(groups.count)
    writePart(writer, root, matched)
    writer.add({ operation: opMatched })
    const bytes = assemble(headerOf(root, matched, writer), writer.instructions)
    return { bytes, slots: writer.slots, groups: namedGroups(groups.names) }
  } catch (error) {
    if (error instanceof Refusal) return { refusal: textOf(error, source, pattern) }
    throw error
  }
}

/** Behind the pattern anything may stand, and nothing is asked of it. */
const matched: Start = { first: everything | lineEnd, isSure: true }

/** Names as the guarded RegExp knows them: plain ones. */
const namedGroups = (names: ReadonlyMap<string, number>): SpanProgram['groups'] =>
  Array.from(names, ([name, index]) => ({ name, slot: 2 * index })).filter(({ name }) => plainName.test(name))

const plainName = /^[A-Za-z_$][\w$]*$/

/** The place in the pattern as people wrote it: flags in front and the P of `(?P<` are not in the source. */
function textOf({ message, at }: Refusal, source: string, pattern: string): string {
  if (at === undefined) return message
  let column = /^\(\?[ims]+\)/.exec(pattern)?.[0].length ?? 0
  for (let seen = 0; seen < at; seen++, column++) {
    if (source.startsWith('(?<', seen) && pattern.startsWith('(?P<', column)) column++
  }
  return `${message}, at column ${column + 1}`
}
