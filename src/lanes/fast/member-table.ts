import { Buffer } from 'node:buffer'
import { noRole } from '../../enrich/member-roles.ts'
import type { MemberRole } from '../../enrich/member-roles.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import * as state from '../../kernel/wasm/lane-state.ts'
import * as table from '../../kernel/wasm/member-table.ts'
import type { KernelText } from '../../parsers/parser.ts'
import { capturedMeaning } from './key-meaning.ts'

interface TableMember {
  readonly name: string
  readonly slot: number
  readonly type: number
}

/** In the order of `kernel/wasm/access-line.ts`, by the names that `parsers/access-log.ts` gives them. */
const accessMembers = [
  'source.address',
  'user.name',
  'http.request.method',
  'url.original',
  'http.version',

  'http.response.status_code',
  'http.response.body.bytes',
  'http.request.referrer',
  'user_agent.original',
].map((name): TableMember => ({ name, slot: 0, type: table.typeText }))

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
  const members = text.kind === 'access' ? accessMembers : programMembers(text)
  const meanings = members.map(({ name }) => capturedMeaning(roleOf(name)))
  const isFree = meanings.every((meaning, index) => isReadable(meaning, members[index]!.type))
  if (!isFree || (text.kind === 'access' && members.some(({ name }) => roleOf(name) !== noRole)))
    return undefined
  const at = writeTable(members, meanings, kernel)
  if (text.kind === 'access') return { mode: state.modeAccess, members: at, program: 0, slots: 0 }
  const { bytes, slots } = text.program
  const program = kernel.reserve(bytes.length)
  kernel.bytes.set(bytes, program)
  return { mode: state.modeProgram, members: at, program, slots: kernel.reserve(slots * 4) }
}

/** Levels and ids are read as texts: of a number the general lane makes something else. */
function isReadable(meaning: number, type: number): boolean {
  const asText = state.keyLevel | state.keyTrace | state.keySpan
  return meaning !== state.keyRefused && (type === table.typeText || (meaning & asText) === 0)
}

const programMembers = ({
  program,
  typeOf,
}: Extract<KernelText, { kind: 'program' }>): readonly TableMember[] =>
  program.groups.map(({ name, slot }) => ({ name, slot, type: types[typeOf(name)] }))

function writeTable(members: readonly TableMember[], meanings: readonly number[], kernel: Kernel): number {
  const names = members.map(({ name }) => Buffer.from(`${JSON.stringify(name)}:`))
  const namesBytes = names.reduce((sum, { length }) => sum + length, 0)
  const headAt = kernel.reserve(table.memberHeadBytes + members.length * table.memberBytes)
  let nameAt = kernel.reserve(namesBytes)
  const { bytes } = kernel
  bytes.writeUInt32LE(members.length, headAt)
  members.forEach(({ slot, type }, index) => {
    const at = headAt + table.memberHeadBytes + index * table.memberBytes
    const name = names[index]!
    bytes.set(name, nameAt)
    bytes.writeUInt32LE(nameAt, at + table.memberName)
    bytes.writeUInt32LE(name.length, at + table.memberNameLength)
    bytes.writeUInt32LE(meanings[index]!, at + table.memberMeaning)
    bytes.writeUInt32LE(slot, at + table.memberSlot)
    bytes.writeUInt32LE(type, at + table.memberType)
    nameAt += name.length
  })
  return headAt
}
