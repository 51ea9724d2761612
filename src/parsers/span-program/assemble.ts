import {
  fieldBeyond,
  fieldLeast,
  fieldLength,
  fieldMost,
  fieldNext,
  fieldOther,
  fieldSet,
  fieldSlot,
  fieldTarget,
  headerBytes,
  headerFlags,
  headerLeadingRun,
  headerNoStart,
  headerSlots,
  instructionBytes,
  noSlot,
  opReset,
  setBytes,
  unbounded,
} from '../../kernel/span-layout.ts'
import { bytesOfSet } from './character-set.ts'
import type { CharacterSet } from './character-set.ts'
import type { Header } from './header.ts'
import type { ByteRange, Instruction } from './instruction.ts'

/** The bytes of a program, as span-layout.ts has them. */
export function assemble(header: Header, instructions: readonly Instruction[]): Uint8Array {
  const constants = new Constants(headerBytes + instructions.length * instructionBytes)
  const code = new Uint8Array(constants.start)
  const view = new DataView(code.buffer)
  const putNumber = (offset: number, value: number): void => view.setUint32(offset, value, true)
  putNumber(headerSlots, header.slots)
  putNumber(headerFlags, header.flags)
  putNumber(headerNoStart, constants.offsetOfSet(header.noStart))
  putNumber(headerLeadingRun, constants.offsetOfSet(header.leadingRun))
  for (const [index, instruction] of instructions.entries()) {
    const { operation, slot, target = 0, other = 0, set, next, beyond, least = 0, most = 0 } = instruction
    const offset = offsetOf(index)
    code[offset] = operation
    code[offset + fieldLength] = instruction.shape?.length ?? 0
    view.setUint16(offset + fieldSlot, slot ?? noSlot, true)
    putNumber(offset + fieldTarget, operation === opReset ? target : offsetOf(target))
    putNumber(offset + fieldOther, offsetOf(other))
    if (instruction.shape) putNumber(offset + fieldSet, constants.offsetOfShape(instruction.shape))
    if (set !== undefined) putNumber(offset + fieldSet, constants.offsetOfSet(set))
    if (next !== undefined) putNumber(offset + fieldNext, constants.offsetOfSet(next))
    if (beyond !== undefined) putNumber(offset + fieldBeyond, constants.offsetOfSet(beyond))
    putNumber(offset + fieldLeast, least)
    putNumber(offset + fieldMost, most === Infinity ? unbounded : most)
  }
  return Buffer.concat([code, ...constants.parts])
}

const offsetOf = (index: number): number => headerBytes + index * instructionBytes

/** Sets and shapes behind the instructions, equal ones once. */
class Constants {
  readonly start: number
  readonly parts: Uint8Array[] = []
  readonly #offsets = new Map<string, number>()

  constructor(start: number) {
    this.start = start
  }

  offsetOfSet(set: CharacterSet): number {
    return this.#offsetOf(`set ${set}`, () => bytesOfSet(set))
  }

  /** 16 lowest bytes, then 16 distances from the lowest to the highest one. */
  offsetOfShape(shape: readonly ByteRange[]): number {
    return this.#offsetOf(`shape ${JSON.stringify(shape)}`, () => {
      const bytes = new Uint8Array(setBytes)
      for (const [place, { from, to }] of shape.entries()) {
        bytes[place] = from
        bytes[16 + place] = to - from
      }
      return bytes
    })
  }

  #offsetOf(key: string, bytesOf: () => Uint8Array): number {
    const known = this.#offsets.get(key)
    if (known !== undefined) return known
    const offset = this.start + this.parts.length * setBytes
    this.#offsets.set(key, offset)
    this.parts.push(bytesOf())
    return offset
  }
}
