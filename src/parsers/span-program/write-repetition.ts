import { opProgress, opReset, opSave } from '../../kernel/span-layout.ts'
import { isDisjoint } from './character-set.ts'
import type { CharacterSet } from './character-set.ts'
import type { Instruction } from './instruction.ts'
import { alternation, before, repetition } from './pattern-tree.ts'
import type { PatternNode, Repetition, Start } from './pattern-tree.ts'
import type { ProgramWriter } from './program-writer.ts'
import { Refusal } from './refusal.ts'

/** Writes a part of the pattern, with the facts of what stands behind it. */
type WritePart = (part: PatternNode, behind: Start) => void

/** Writes a repetition of more than one set: the rounds that must be, then a loop or the rounds that may be. */
export function writeRepetition(
  writer: ProgramWriter,
  part: Repetition,
  behind: Start,
  writePart: WritePart,
): void {
  const { least, most } = part
  // The last round that must be is the first one of the loop.
  const rounds = most === Infinity ? Math.max(0, least - 1) : least
  for (let round = 1; round <= rounds; round++) {
    const rest = repetition({ ...part, least: least - round, most: most - round })
    if (round > 1) resetGroups(writer, part)
    writePart(part.body, before(rest, behind))
  }
  if (most === Infinity) writeLoop(writer, part, behind, writePart)
  else writeOptionalRounds(writer, part, behind, writePart)
}

/** Each round begins without the captures of the one before. */
function resetGroups(writer: ProgramWriter, { groups }: Repetition): void {
  writer.countPart()
  if (groups.from === groups.behind) return
  writer.add({ operation: opReset, slot: 2 * groups.from, target: 2 * groups.behind })
}

/**
 * A round may match in one way only: in two, the ways of many rounds multiply, and of `(a+)+` there are 2 to the power of
 * the letters. Whether there is a further round may be open: of that there is one choice for each round.
 */
function writeLoop(writer: ProgramWriter, part: Repetition, behind: Start, writePart: WritePart): void {
  const { body, least, at } = part
  if (body.isNullable) throw new Refusal('a group repeats something that can be empty', at)
  const isOpen = !isDisjoint(body.first, behind.first)
  if (isOpen) writer.openTwoWays()
  const first = least === 0 ? addChoice(writer, part, body.first, behind.first) : undefined
  const bodyAt = writer.here
  resetGroups(writer, part)
  const outer = writer.onlyWayAt
  writer.onlyWayAt ??= at
  writePart(inRuns(body, behind), {
    first: body.first | behind.first,
    isSure: behind.isSure,
  })
  writer.onlyWayAt = outer
  const again = addChoice(writer, part, body.first, behind.first)
  for (const choice of [again, ...(first ? [first] : [])]) direct(choice, part, bodyAt, writer.here)
}

/** Without a further round if it would be empty, as RegExp has it. */
function writeOptionalRounds(
  writer: ProgramWriter,
  part: Repetition,
  behind: Start,
  writePart: WritePart,
): void {
  const { body, least, most } = part
  const choices: { choice: Instruction; bodyAt: number }[] = []
  for (let round = least + 1; round <= most; round++) {
    writer.countPart()
    const behindBody: Start = {
      first: behind.first | (round < most ? body.first : 0n),
      isSure: behind.isSure && !body.isNullable,
    }
    const { first } = before(body, behindBody)
    if (!isDisjoint(first, behind.first)) writer.openTwoWays()
    const choice = addChoice(writer, part, first, behind.first)
    choices.push({ choice, bodyAt: writer.here })
    if (round > 1) resetGroups(writer, part)
    const slot = writer.slots
    if (body.isNullable) writer.add({ operation: opSave, slot: writer.slots++ })
    writePart(body, behindBody)
    if (body.isNullable) writer.add({ operation: opProgress, slot })
  }
  for (const { choice, bodyAt } of choices) direct(choice, part, bodyAt, writer.here)
}

/** A choice between a round and what stands behind; a lazy one tries what stands behind first. */
function addChoice(
  writer: ProgramWriter,
  { isLazy }: Repetition,
  round: CharacterSet,
  behind: CharacterSet,
): Instruction {
  return isLazy ? writer.addChoice(behind, round) : writer.addChoice(round, behind)
}

function direct(choice: Instruction, { isLazy }: Repetition, roundAt: number, behindAt: number): void {
  choice.target = isLazy ? behindAt : roundAt
  choice.other = isLazy ? roundAt : behindAt
}

/**
 * `(?:[^"\\]|\\.)*` takes text a character a round. Where a branch is one set that neither the other branches nor what
 * stands behind can begin with, rounds of it follow each other without a choice, and are one run: 16 bytes a step.
 */
function inRuns(body: PatternNode, behind: Start): PatternNode {
  if (body.kind !== 'alternation') return body
  const branches = body.branches.map((branch, index) => {
    const others = body.branches.filter((_, place) => place !== index)
    const rest = others.reduce((first, other) => first | other.first, behind.first)
    if (branch.kind !== 'character' || !isDisjoint(branch.set, rest)) return branch
    const groups = { from: 0, behind: 0 }
    return repetition({
      body: branch,
      least: 1,
      most: Infinity,
      isLazy: false,
      isOnlyWay: true,
      at: 0,
      groups,
    })
  })
  return alternation(branches)
}
