import { z } from 'zod'
import { membersOrFailed, mostDigits, numberMember, textMember } from './added-members.ts'
import { isLevelWord } from './level-words.ts'
import { defineParser } from './parser.ts'
import type { AddedMember, Fit, Preset } from './parser.ts'
import { priorityAt, priorityMembers } from './syslog-priority.ts'
import { readStructuredData } from './syslog-structured-data.ts'
import { endOfWord, hasShape, isAllDigits } from './text-scan.ts'
import { endOfIsoTime, endOfSyslogTime } from './time-shape.ts'

interface Line {
  readonly members: readonly AddedMember[]
  readonly fit: Fit
}

export const syslogPreset: Preset = {
  stage: 'text',
  name: 'syslog',
  fewestLines: 1,
  parse: (text) => membersOrFailed(read(text)?.members, 'syslog'),
  fit: (text) => read(text)?.fit ?? 'no',
}

function read(text: string): Line | undefined {
  const priority = priorityAt(text)
  const at = priority?.end ?? 0
  const members = priority ? priorityMembers(priority) : []
  if (priority && hasShape(text, at, '1 ')) {
    const line = readRfc5424(text, at + 2)
    if (line) return { members: [...members, ...line], fit: 'yes' }
  }
  const time = timeAt(text, at)
  if (time)
    return readHeader(
      text,
      time.end,
      [...members, textMember('@timestamp', time.text)],
      priority !== undefined,
    )
  // RFC 3164, 4.3.3: what comes without a header is a message as it is.
  return priority && at < text.length
    ? { members: [...members, textMember('message', text.slice(at))], fit: 'maybe' }
    : undefined
}

/** RFC 3164's, ISO's (rsyslog, journald's short-iso), and `Tue 2026-01-20 10:00:00 UTC` (journald's short-full). */
function timeAt(text: string, at: number): { text: string; end: number } | undefined {
  const plainEnd = Math.max(endOfSyslogTime(text, at), endOfIsoTime(text, at))
  if (plainEnd > 0) return text.charCodeAt(plainEnd) === 0x20 ? timeTo(text, at, plainEnd) : undefined
  const fullEnd = /^[A-Z][a-z]{2} /.test(text.slice(at, at + 4)) ? endOfIsoTime(text, at + 4) : -1
  const zone = fullEnd < 0 ? undefined : /^ [A-Z]{2,5} /.exec(text.slice(fullEnd, fullEnd + 8))?.[0]
  return zone === undefined ? undefined : timeTo(text, at, fullEnd + zone.length - 1)
}

const timeTo = (text: string, at: number, end: number): { text: string; end: number } => ({
  text: text.slice(at, end),
  end,
})

/** `HOST TAG[PID]: MESSAGE`; `timeEnd` is at the space behind the time. Programs on the host itself may leave HOST out. */
function readHeader(
  text: string,
  timeEnd: number,
  members: readonly AddedMember[],
  hasPriority: boolean,
): Line | undefined {
  const hostAt = timeEnd + 1
  const hostEnd = endOfWord(text, hostAt)
  const isTag = text.charCodeAt(hostEnd - 1) === 0x3a
  const host = isTag ? '' : text.slice(hostAt, hostEnd)
  const tagAt = isTag ? hostAt : hostEnd + 1
  if (tagAt >= text.length || hostEnd === hostAt) return undefined
  const tag = tagFrom(text, tagAt)
  const all = [
    ...members,
    ...(host === '' || host === '-' ? [] : [textMember('log.syslog.hostname', host)]),
    ...(tag?.members ?? []),
    textMember('message', text.slice(tag?.end ?? tagAt)),
  ]
  return {
    members: all,
    fit: fitOf({ host, hasPriority, tag, isMonthTime: !hasShape(text, timeEnd - 8, '00:00:00') }),
  }
}

interface Tag {
  readonly members: readonly AddedMember[]
  readonly hasPid: boolean
  readonly end: number
}

interface Found {
  readonly host: string
  readonly hasPriority: boolean
  readonly tag: Tag | undefined
  readonly isMonthTime: boolean
}

/** `2026-01-20 10:00:00 INFO main: …` looks like it, and so do many others: sure is a priority, or a tag with a pid. */
function fitOf({ host, hasPriority, tag, isMonthTime }: Found): Fit {
  if (hasPriority) return 'yes'
  if (isLevelWord(host.replaceAll(/[[\]:]/g, '')) || !tag) return 'no'
  return tag.hasPid || isMonthTime ? 'yes' : 'maybe'
}

/** Program names are paths at most; what has no colon soon is the message. */
const longestTag = 128

function tagFrom(text: string, at: number): Tag | undefined {
  const head = text.slice(at, at + longestTag)
  const match = /^([^\s:[\]]+)(?:\[([^\s\]]*)\])?:(?: |$)/.exec(head)
  if (!match) return undefined
  const [whole, name, pid = ''] = match
  const hasPid = isAllDigits(pid) && pid.length <= mostDigits
  const members = [textMember('process.name', name!)]
  if (hasPid) members.push(numberMember('process.pid', pid))
  else if (pid !== '') members.push(textMember('log.syslog.procid', pid))
  return { members, hasPid, end: at + whole.length }
}

/** Behind `<PRI>1 `: `TIME HOST APP PROCID MSGID DATA[ MESSAGE]`. */
function readRfc5424(text: string, from: number): AddedMember[] | undefined {
  const words: string[] = []
  let at = from
  while (words.length < 5) {
    const end = endOfWord(text, at)
    if (end === at || end >= text.length) return undefined
    words.push(text.slice(at, end))
    at = end + 1
  }
  const data = readStructuredData(text, at)
  if (!data || (data.end < text.length && text.charCodeAt(data.end) !== 0x20)) return undefined
  const members = headerMembers(words)
  if (data.json !== undefined)
    members.push({
      key: 'log.syslog.structured_data',
      json: data.json,
      value: JSON.parse(data.json) as unknown,
    })
  const message = text.slice(data.end + 1).replace(/^\uFEFF/, '')
  if (message !== '') members.push(textMember('message', message))
  return members
}

function headerMembers([time, host, app, procid, msgid]: readonly string[]): AddedMember[] {
  const members: AddedMember[] = []
  const add = (key: string, value: string): void => {
    if (value !== '-') members.push(textMember(key, value))
  }
  add('@timestamp', time!)
  add('log.syslog.hostname', host!)
  add('process.name', app!)
  if (isAllDigits(procid!) && procid!.length <= mostDigits) members.push(numberMember('process.pid', procid!))
  else add('log.syslog.procid', procid!)
  add('log.syslog.msgid', msgid!)
  return members
}

export const syslogParser = defineParser({
  type: 'syslog',
  summary:
    "Lines of RFC 3164 and RFC 5424, with and without <PRI>, with rsyslog's ISO times, and journald's short form.",
  schema: z.strictObject({}),
  takesField: true,
  create: () => syslogPreset,
})
