import {
  opCharacter,
  opLineEnd,
  opLineStart,
  opNoWordBoundary,
  opSave,
  opShape,
  opWordBoundary,
} from '../../kernel/span-layout.ts'
import { isDisjoint } from './character-set.ts'
import type { ByteRange, Instruction } from './instruction.ts'
import { before } from './pattern-tree.ts'
import type { PatternNode, Start } from './pattern-tree.ts'
import type { ProgramWriter } from './program-writer.ts'
import { shapeOf, shapeLength } from './shape.ts'
import { writeRepetition } from './write-repetition.ts'
import { writeRun } from './write-run.ts'

const assertions = {
  'line start': opLineStart,
  'line end': opLineEnd,
  'word boundary': opWordBoundary,
  'no word boundary': opNoWordBoundary,
} as const

/** Writes the instructions of a part, with the facts of all that stands behind it. */
export function writePart(writer: ProgramWriter, part: PatternNode, behind: Start): void {
  writer.countPart()
  switch (part.kind) {
    case 'sequence':
      return writeSequence(writer, part.parts, behind)
    case 'alternation':
      return writeBranches(writer, part.branches, behind)
    case 'group':
      return writeGroup(writer, part, behind)
    case 'repetition':
      if (part.body.kind === 'character') writeRun(writer, part, part.body.set, { behind })
      else writeRepetition(writer, part, behind, (body, facts) => writePart(writer, body, facts))
      return undefined
    case 'assertion':
      writer.add({ operation: assertions[part.what] })
      return undefined
    case 'character':
    case 'bytes': {
      const shape = shapeOf(part)
      if (shape) writeShape(writer, shape)
      else if (part.kind === 'character') writer.add({ operation: opCharacter, set: part.set })
    }
  }
}

/** Parts of fixed length in a row are shapes, as long as they fit. */
function writeSequence(writer: ProgramWriter, parts: readonly PatternNode[], behind: Start): void {
  const behinds: Start[] = [behind]
  for (const part of parts.toReversed()) behinds.push(before(part, behinds.at(-1)!))
  let shape: ByteRange[] = []
  for (const [index, part] of parts.entries()) {
    const places = shapeOf(part)
    if (places) {
      writer.countPart()
      shape.push(...places)
    } else {
      writeShape(writer, shape)
      shape = []
      writePart(writer, part, behinds[parts.length - 1 - index]!)
    }
  }
  writeShape(writer, shape)
}

function writeShape(writer: ProgramWriter, shape: readonly ByteRange[]): void {
  for (let at = 0; at < shape.length; at += shapeLength) {
    writer.add({ operation: opShape, shape: shape.slice(at, at + shapeLength) })
  }
}

/** A run that is all that a group has is captured by its own instruction. */
function writeGroup(writer: ProgramWriter, part: PatternNode & { kind: 'group' }, behind: Start): void {
  const slot = 2 * part.index
  const { body } = part
  if (body.kind === 'repetition' && body.body.kind === 'character') {
    writer.countPart()
    return writeRun(writer, body, body.body.set, { behind, slot })
  }
  writer.add({ operation: opSave, slot })
  writePart(writer, body, behind)
  writer.add({ operation: opSave, slot: slot + 1 })
}

/** Each branch but the last is a choice between it and the rest. */
function writeBranches(writer: ProgramWriter, branches: readonly PatternNode[], behind: Start): void {
  const jumps: Instruction[] = []
  const firsts = branches.map((branch) => before(branch, behind).first)
  for (const [index, branch] of branches.entries()) {
    const isLast = index === branches.length - 1
    const rest = firsts.slice(index + 1).reduce((first, more) => first | more, 0n)
    if (!isLast && !isDisjoint(firsts[index]!, rest)) writer.openTwoWays()
    const choice = isLast ? undefined : writer.addChoice(firsts[index]!, rest)
    if (choice) choice.target = writer.here
    writePart(writer, branch, behind)
    if (!isLast) jumps.push(writer.addJump())
    if (choice) choice.other = writer.here
  }
  for (const jump of jumps) jump.target = writer.here
}
