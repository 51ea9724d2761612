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
import { alternation, before } from './pattern-tree.ts'
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

function writeBranches(writer: ProgramWriter, branches: readonly PatternNode[], behind: Start): void {
  const jumps: Instruction[] = []
  writeHalves(writer, branches, { behind, jumps })
  for (const jump of jumps) jump.target = writer.here
}

/**
 * `a|b|c|d` as `(a|b)|(c|d)`, which means the same: the next character finds its branch among 32 by five choices. `jumps`
 * gets those that go on behind all of it.
 */
function writeHalves(
  writer: ProgramWriter,
  branches: readonly PatternNode[],
  { behind, jumps }: { behind: Start; jumps: Instruction[] },
): void {
  const [only] = branches
  if (branches.length === 1) return writePart(writer, only!, behind)
  const middle = branches.length >> 1
  const [left, right] = [branches.slice(0, middle), branches.slice(middle)]
  const [set, next] = [before(alternation(left), behind).first, before(alternation(right), behind).first]
  if (!isDisjoint(set, next)) writer.openTwoWays()
  const choice = writer.addChoice(set, next)
  choice.target = writer.here
  writeHalves(writer, left, { behind, jumps })
  jumps.push(writer.addJump())
  choice.other = writer.here
  writeHalves(writer, right, { behind, jumps })
}
