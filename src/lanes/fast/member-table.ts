import { Buffer } from 'node:buffer'
import type { MemberRole } from '../../enrich/member-roles.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import * as state from '../../kernel/wasm/lane-state.ts'
import * as table from '../../kernel/wasm/member-table.ts'
import type { KernelText } from '../../parsers/parser.ts'
import { capturedMeaning } from './key-meaning.ts'
import { isPlainRole, presetTables } from './preset-members.ts'

export interface TableMember {
  readonly name: string
  /** Of one that the table has with its value. */
  readonly json?: string
  /** Bits of `key…`, or a severity; without it, what the name means. */
  readonly meaning?: number
  readonly slot: number
  readonly type: number
}

const types = { string: table.typeText, int: table.typeInteger, float: table.typeFloat } as const

/** What the kernel needs to know to take lines apart: addresses in its memory. */
export interface TakenApart {
  /** Bits of the mode. */
  readonly mode: number
  readonly members: number
  readonly program: number
  readonly slots: number
}

/** Writes the table into the kernel's memory; undefined where a name meets a path of ours, which the general lane sorts out. */
export function takenApart(
  text: KernelText,
  roleOf: (key: string) => MemberRole,
  kernel: Kernel,
): TakenApart | undefined {
  if (text.kind === 'logfmt') return { mode: state.modeLogfmt, members: 0, program: 0, slots: 0 }
  if (text.kind === 'preset') {
    const { mode, members } = presetTables[text.preset]
    if (!members.every(({ name }) => isPlainRole(name, roleOf(name)))) return undefined
    return { mode, members: writeTable(members, kernel), program: 0, slots: 0 }
  }
  const members = programMembers(text).map((member) => ({
    ...member,
    meaning: capturedMeaning(roleOf(member.name)),
  }))
  if (!members.every(({ meaning, type }) => isReadable(meaning, type))) return undefined
  const { bytes, slots } = text.program
  const program = kernel.reserve(bytes.length)
  kernel.bytes.set(bytes, program)
  const at = writeTable(members, kernel)
  return { mode: state.modeProgram, members: at, program, slots: kernel.reserve(slots * 4) }
}

/** Levels and ids are read as texts: of a number the general lane makes something else. */
function isReadable(meaning: number, type: number): boolean {
  const asText = state.keyLevel | state.keyTrace | state.keySpan | state.keyParent
  return meaning !== state.keyRefused && (type === table.typeText || (meaning & asText) === 0)
}

const programMembers = ({
  program,
  typeOf,
}: Extract<KernelText, { kind: 'program' }>): readonly TableMember[] =>
  program.groups.map(({ name, slot }) => ({ name, slot, type: types[typeOf(name)] }))

function writeTable(members: readonly TableMember[], kernel: Kernel): number {
  const names = members.map(({ name, json = '' }) => Buffer.from(`${JSON.stringify(name)}:${json}`))
  const namesBytes = names.reduce((sum, { length }) => sum + length, 0)
  const headAt = kernel.reserve(table.memberHeadBytes + members.length * table.memberBytes)
  let nameAt = kernel.reserve(namesBytes)
  const { bytes } = kernel
  bytes.writeUInt32LE(members.length, headAt)
  members.forEach(({ meaning = 0, slot, type }, index) => {
    const at = headAt + table.memberHeadBytes + index * table.memberBytes
    const name = names[index]!
    bytes.set(name, nameAt)
    bytes.writeUInt32LE(nameAt, at + table.memberName)
    bytes.writeUInt32LE(name.length, at + table.memberNameLength)
    bytes.writeUInt32LE(meaning, at + table.memberMeaning)
    bytes.writeUInt32LE(slot, at + table.memberSlot)
    bytes.writeUInt32LE(type, at + table.memberType)
    nameAt += name.length
  })
  return headAt
}
