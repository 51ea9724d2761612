import { severityOf } from '../../enrich/level.ts'
import type { MemberRole } from '../../enrich/member-roles.ts'
import * as state from '../../kernel/wasm/lane-state.ts'
import { typeText } from '../../kernel/wasm/member-table.ts'
import type { KernelPreset } from '../../parsers/parser.ts'
import { klogLevels } from '../../parsers/klog.ts'
import { priorities, priorityMembers } from '../../parsers/syslog-priority.ts'
import { containers } from './key-meaning.ts'
import type { TableMember } from './member-table.ts'

/** All that a priority says is the same for each line with it: the first of these members is the level. */
function priority(_: unknown, value: number): TableMember {
  const [first, ...others] = priorityMembers({ value, end: 0 })
  const rest = others.map(({ key, json }) => `,${JSON.stringify(key)}:${json}`)
  return { ...named(first!.key), json: first!.json + rest.join(''), meaning: severityOf(first!.value) }
}

const named = (name: string): TableMember => ({ name, slot: 0, type: typeText })
const level = (text: string): TableMember => ({
  ...named('level'),
  json: JSON.stringify(text),
  meaning: severityOf(text),
})

interface PresetTable {
  /** A bit of the mode. */
  readonly mode: number
  /** In the order of the preset's file in the kernel, by the names that the preset gives them. */
  readonly members: readonly TableMember[]
}

/** What the kernel has to know of each preset that it takes lines apart by. */
export const presetTables: Readonly<Record<KernelPreset, PresetTable>> = {
  access: {
    mode: state.modeAccess,
    members: [
      'source.address',
      'user.name',
      'http.request.method',
      'url.original',
      'http.version',
      'http.response.status_code',
      'http.response.body.bytes',
      'http.request.referrer',
      'user_agent.original',
      'http.request.header.x-forwarded-for',
      'http.request.bytes',
      'event.duration',
      'extra',
    ].map(named),
  },
  klog: {
    mode: state.modeKlog,
    members: [
      ...Object.values(klogLevels).map(level),
      ...['process.thread.id', 'log.origin.file.name', 'log.origin.file.line', 'message'].map(named),
    ],
  },
  syslog: {
    mode: state.modeSyslog,
    members: [
      ...Array.from({ length: priorities }, priority),
      ...[
        'log.syslog.hostname',
        'process.name',
        'process.pid',
        'log.syslog.procid',
        'log.syslog.msgid',
        'message',
      ].map(named),
    ],
  },
  python: { mode: state.modePython, members: ['log.logger', 'level', 'message'].map(named) },
  level_message: { mode: state.modeLevelMessage, members: ['level', 'message'].map(named) },
}

/** False where the name of a preset's member means more than the kernel knows: it stands in the way of a field of ours, say. */
export function isPlainRole(name: string, role: MemberRole): boolean {
  const isLevel = name === 'level'
  return (
    !role.meetsParsed &&
    role.times.length === 0 &&
    // `extra` may be an object that holds ids: a preset's is a text.
    (role.trace === undefined || containers.has(role.trace)) &&
    role.levels.length === (isLevel ? 1 : 0)
  )
}
