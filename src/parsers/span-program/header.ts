import {
  opCountedRun,
  opGreedyRun,
  opLazyRun,
  opReset,
  opRun,
  opSave,
  startsAtLineEnd,
  startsAtLineStart,
  startsWithRun,
} from '../../kernel/span-layout.ts'
import { complementOf, isDisjoint, lineEnd, nothing } from './character-set.ts'
import type { CharacterSet } from './character-set.ts'
import type { Instruction } from './instruction.ts'
import { before } from './pattern-tree.ts'
import type { PatternNode, Start } from './pattern-tree.ts'
import type { ProgramWriter } from './program-writer.ts'

/** What the kernel knows of a program before it runs it: where a match may begin. */
export interface Header {
  readonly slots: number
  readonly flags: number
  /** Where no match can begin. */
  readonly noStart: CharacterSet
  /** Of the run that the pattern begins with, if `startsWithRun`. */
  readonly leadingRun: CharacterSet
}

/** The header of a pattern that is written, with the facts of what stands behind it. */
export function headerOf(root: PatternNode, behind: Start, { slots, instructions }: ProgramWriter): Header {
  const { first } = before(root, behind)
  const leadingRun = leadingRunOf(instructions)
  const flags =
    (beginsAtLineStart(root) ? startsAtLineStart : 0) |
    (isDisjoint(first, lineEnd) ? 0 : startsAtLineEnd) |
    (leadingRun === undefined ? 0 : startsWithRun)
  return { slots, flags, noStart: complementOf(first), leadingRun: leadingRun ?? nothing }
}

/** Whether every way through the part goes through `^` first. */
function beginsAtLineStart(part: PatternNode): boolean {
  if (part.kind === 'sequence') return part.parts.slice(0, 1).some(beginsAtLineStart)
  if (part.kind === 'alternation') return part.branches.every(beginsAtLineStart)
  if (part.kind === 'group') return beginsAtLineStart(part.body)
  if (part.kind === 'repetition') return part.least > 0 && beginsAtLineStart(part.body)
  return part.kind === 'assertion' && part.what === 'line start'
}

const runs = new Set([opRun, opCountedRun, opGreedyRun, opLazyRun])

/** The set of a run without bound that every way through the pattern begins with. */
function leadingRunOf(instructions: readonly Instruction[]): CharacterSet | undefined {
  const leading = instructions.find(({ operation }) => operation !== opSave && operation !== opReset)
  return leading && runs.has(leading.operation) && leading.most === Infinity ? leading.set : undefined
}
