import { z } from 'zod'
import { parseAccessLine } from './access-log.ts'
import { membersOrFailed, mostDigits, numberMember, textMember } from './added-members.ts'
import { isLevelWord } from './level-words.ts'
import { defineParser } from './parser.ts'
import type { AddedMember, Preset } from './parser.ts'
import { hasShape, isAllDigits } from './text-scan.ts'

export const apachePreset: Preset = {
  stage: 'text',
  name: 'apache',
  fewestLines: 1,
  inKernel: { kind: 'preset', preset: 'access' },
  parse: (text) => membersOrFailed(membersOf(text), 'apache'),
  fit: (text) => (membersOf(text) ? 'yes' : 'no'),
}

const membersOf = (text: string): AddedMember[] | undefined => parseErrorLine(text) ?? parseAccessLine(text)

/** Of what stands in one pair of brackets: none is long, and a line without an end to it must not cost its length. */
const longestGroup = 200

/** `[Tue Jan 20 10:00:00.123456 2026] [core:error] [pid 12:tid 34] [client 10.0.0.1:5] AH00126: …`; 2.2 has no module and no pid. */
function parseErrorLine(text: string): AddedMember[] | undefined {
  const time = groupAt(text, 0)
  if (!time || !isErrorTime(time.content)) return undefined
  const origin = groupAt(text, time.end + 1)
  if (!origin) return undefined
  const colon = origin.content.indexOf(':')
  const level = origin.content.slice(colon + 1)
  // `trace1` to `trace8` are levels too.
  if (!isLevelWord(level.replace(/\d$/, ''))) return undefined
  const members = [textMember('@timestamp', time.content), textMember('level', level)]
  if (colon > 0) members.push(textMember('apache.error.module', origin.content.slice(0, colon)))
  let end = origin.end
  for (let group = groupAt(text, end + 1); group; group = groupAt(text, end + 1)) {
    if (!addGroup(members, group.content)) break
    end = group.end
  }
  members.push(textMember('message', text.slice(end + 1)))
  return members
}

/** `[…]` at `at`; `end` is behind the bracket. */
function groupAt(text: string, at: number): { content: string; end: number } | undefined {
  if (text.charCodeAt(at) !== 0x5b) return undefined
  const length = text.slice(at, at + longestGroup).indexOf(']')
  return length < 0 ? undefined : { content: text.slice(at + 1, at + length), end: at + length + 1 }
}

/** `Tue Jan 20 10:00:00.123456 2026` */
function isErrorTime(text: string): boolean {
  return (
    text.charCodeAt(3) === 0x20 && hasShape(text, 10, ' 00:00:00') && hasShape(text, text.length - 5, ' 0000')
  )
}

/** Once each: a message may begin with brackets too. */
function addGroup(members: AddedMember[], content: string): boolean {
  const [name, value = ''] = content.split(' ', 2)
  if (name === 'pid') return addProcess(members, value, content.split(':tid ')[1])
  return name === 'client' && value !== '' && addClient(members, value)
}

function addProcess(members: AddedMember[], first: string, thread: string | undefined): boolean {
  const pid = first.split(':', 1)[0]!
  if (!isAllDigits(pid) || pid.length > mostDigits || hasMember(members, 'process.pid')) return false
  members.push(numberMember('process.pid', pid))
  if (thread !== undefined && isAllDigits(thread) && thread.length <= mostDigits)
    members.push(numberMember('process.thread.id', thread))
  return true
}

/** With the port behind a colon since 2.4; an address of IPv6 stands in brackets there, or has several colons. */
function addClient(members: AddedMember[], client: string): boolean {
  if (hasMember(members, 'source.address')) return false
  const colon = client.lastIndexOf(':')
  const isPort = colon > 0 && isAllDigits(client, colon + 1) && client.length - colon <= 6
  const hasPort = isPort && (client.indexOf(':') === colon || client.split(':').length > 8)
  members.push(textMember('source.address', hasPort ? client.slice(0, colon) : client))
  if (hasPort) members.push(numberMember('source.port', client.slice(colon + 1)))
  return true
}

const hasMember = (members: readonly AddedMember[], key: string): boolean =>
  members.some((member) => member.key === key)

export const apacheParser = defineParser({
  type: 'apache',
  summary: "Apache's access log (common, combined, vhost_combined) and error log, in ECS names.",
  schema: z.strictObject({}),
  takesField: true,
  create: () => apachePreset,
})
