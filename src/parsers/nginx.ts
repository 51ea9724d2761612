import { z } from 'zod'
import { addRequest, parseAccessLine } from './access-log.ts'
import { membersOrFailed, mostDigits, numberMember, textMember } from './added-members.ts'
import { isLevelWord } from './level-words.ts'
import { defineParser } from './parser.ts'
import type { AddedMember, Preset } from './parser.ts'
import { closingQuote, hasShape } from './text-scan.ts'
import { endOfDigits } from './time-value.ts'

export const nginxPreset: Preset = {
  stage: 'text',
  name: 'nginx',
  fewestLines: 1,
  inKernel: { kind: 'preset', preset: 'access' },
  parse: (text) => membersOrFailed(membersOf(text), 'nginx'),
  fit: (text) => (membersOf(text) ? 'yes' : 'no'),
}

const membersOf = (text: string): AddedMember[] | undefined => parseErrorLine(text) ?? parseAccessLine(text)

/** `2026/01/20 10:00:00 [error] 12#34: *56 MESSAGE, client: 10.0.0.1, server: …, request: "GET / HTTP/1.1", …` */
function parseErrorLine(text: string): AddedMember[] | undefined {
  if (!hasShape(text, 0, '0000/00/00 00:00:00 [')) return undefined
  const levelEnd = text.indexOf(']', 21)
  const level = text.slice(21, Math.max(levelEnd, 21))
  const pidEnd = endOfDigits(text, levelEnd + 2)
  const threadEnd = endOfDigits(text, pidEnd + 1)
  const isFitting = isLevelWord(level) && hasShape(text, pidEnd, '#0') && hasShape(text, threadEnd, ': ')
  if (!isFitting || threadEnd - levelEnd > 2 * mostDigits) return undefined
  const members = [
    textMember('@timestamp', text.slice(0, 19)),
    textMember('level', level),
    numberMember('process.pid', text.slice(levelEnd + 2, pidEnd)),
    numberMember('process.thread.id', text.slice(pidEnd + 1, threadEnd)),
  ]
  addMessage(members, text, threadEnd + 2)
  return members
}

function addMessage(members: AddedMember[], text: string, from: number): void {
  let at = from
  const connectionEnd = text.charCodeAt(at) === 0x2a ? endOfDigits(text, at + 1) : at
  if (connectionEnd > at + 1 && connectionEnd - at <= mostDigits) {
    members.push(numberMember('nginx.error.connection_id', text.slice(at + 1, connectionEnd)))
    at = Math.min(connectionEnd + 1, text.length)
  }
  const message = text.slice(at)
  members.push(textMember('message', message))
  addContext(members, message)
}

/** What nginx says of the request stands at the end; the message keeps it too, its order tells more than ours. */
function addContext(members: AddedMember[], message: string): void {
  const clientAt = message.lastIndexOf(', client: ')
  if (clientAt < 0) return
  const client = message.slice(clientAt + 10).split(',', 1)[0]!
  if (client !== '') members.push(textMember('source.address', client))
  const request = quotedBehind(message, ', request: "', clientAt)
  if (request !== undefined) addRequest(members, request)
  const host = quotedBehind(message, ', host: "', clientAt)
  if (host !== undefined && host !== '') members.push(textMember('url.domain', host))
}

function quotedBehind(text: string, mark: string, from: number): string | undefined {
  const at = text.indexOf(mark, from)
  const end = at < 0 ? -1 : closingQuote(text, at + mark.length - 1)
  return end < 0 ? undefined : text.slice(at + mark.length, end)
}

export const nginxParser = defineParser({
  type: 'nginx',
  summary:
    "nginx's access log (common, combined, with more behind or the host in front) and error log, in ECS names.",
  schema: z.strictObject({}),
  takesField: true,
  create: () => nginxPreset,
})
