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
  inKernel: { kind: 'preset', preset: 'syslog' },
  parse: (text) => membersOrFailed(read(text)?.members, 'syslog'),
  fit: (text) => read(text)?.fit ?? 'no',
}

function read(text: string): Line | undefined {
  const priority = priorityAt(text)
  const at = priority?.end ?? 0
  const members = priority ? priorityMembers(priority) : []
  const hasPriority = priority !== undefined
  if (hasPriority && hasShape(text, at, '1 ')) {
    const line = readRfc5424(text, at + 2)
    if (line) return { members: [...line.time, ...members, ...line.rest], fit: 'yes' }
  }
  const time = timeAt(text, at)
  const header = time && readHeader(text, time.next)
  if (header) {
    const all = [textMember('@timestamp', time.text), ...members, ...header.members]
    return { members: all, fit: fitOf(header, hasPriority, time.isIso) }
  }
  // RFC 3164, 4.3.3: what comes without a header is a message as it is.
  if (!hasPriority || at === text.length) return undefined
  return { members: [...members, textMember('message', text.slice(at))], fit: 'maybe' }
}

interface Time {
  readonly text: string
  /** ISO's stands at the start of many lines, the month's name only in syslog. */
  readonly isIso: boolean
  /** Where the next word begins. */
  readonly next: number
}

/** RFC 3164's, ISO's (rsyslog, journald's short-iso), and `Tue 2026-01-20 10:00:00 UTC` (journald's short-full). */
function timeAt(text: string, at: number): Time | undefined {
  const monthEnd = endOfSyslogTime(text, at)
  if (monthEnd > 0) return timeTo(text, at, monthEnd)
  const isoEnd = endOfIsoTime(text, at)
  if (isoEnd > 0) return timeTo(text, at, isoEnd, true)
  const fullEnd = /^[A-Z][a-z]{2} /.test(text.slice(at, at + 4)) ? endOfIsoTime(text, at + 4) : -1
  const zone = fullEnd < 0 ? undefined : /^ [A-Z]{2,5} /.exec(text.slice(fullEnd, fullEnd + 8))?.[0]
  return zone === undefined ? undefined : timeTo(text, at, fullEnd + zone.length - 1)
}

/** Cisco's devices write a colon behind it. */
function timeTo(text: string, at: number, end: number, isIso = false): Time | undefined {
  const behind = text.charCodeAt(end) === 0x3a ? end + 1 : end
  return text.charCodeAt(behind) === 0x20 ? { text: text.slice(at, end), isIso, next: behind + 1 } : undefined
}

interface Header {
  readonly members: readonly AddedMember[]
  readonly host: string
  readonly tag: Tag | undefined
}

/** `HOST TAG[PID]: MESSAGE`. Programs on the host itself may leave HOST out. */
function readHeader(text: string, from: number): Header | undefined {
  const hostEnd = endOfWord(text, from)
  const isTag = text.charCodeAt(hostEnd - 1) === 0x3a
  const host = isTag ? '' : text.slice(from, hostEnd)
  const tagAt = isTag ? from : hostEnd + 1
  if (tagAt >= text.length || hostEnd === from) return undefined
  const tag = tagFrom(text, tagAt)
  const members = [
    ...(host === '' || host === '-' ? [] : [textMember('log.syslog.hostname', host)]),
    ...(tag?.members ?? []),
    textMember('message', text.slice(tag?.end ?? tagAt)),
  ]
  return { members, host, tag }
}

/** `2026-01-20 10:00:00 INFO main: …` looks like it, and so do many others: a priority or a pid leaves no doubt. */
function fitOf({ host, tag }: Header, hasPriority: boolean, isIso: boolean): Fit {
  if (hasPriority) return 'yes'
  if (isLevelWord(host.replaceAll(/[[\]:]/g, '')) || !tag) return 'no'
  return tag.hasPid || !isIso ? 'yes' : 'maybe'
}

interface Tag {
  readonly members: readonly AddedMember[]
  readonly hasPid: boolean
  readonly end: number
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

interface Rfc5424Line {
  readonly time: readonly AddedMember[]
  readonly rest: readonly AddedMember[]
}

/** Behind `<PRI>1 `: `TIME HOST APP PROCID MSGID DATA[ MESSAGE]`. */
function readRfc5424(text: string, from: number): Rfc5424Line | undefined {
  const words: string[] = []
  let at = from
  while (words.length < 5) {
    const end = endOfWord(text, at)
    if (end === at || end >= text.length) return undefined
    words.push(text.slice(at, end))
    at = end + 1
  }
  const [time, ...names] = words
  const members = headerMembers(names)
  // Heroku leaves the data out: then all that is left is the message.
  const data = readStructuredData(text, at)
  const isData = data && (data.end >= text.length || text.charCodeAt(data.end) === 0x20)
  if (isData && data.json !== undefined)
    members.push({
      key: 'log.syslog.structured_data',
      json: data.json,
      value: JSON.parse(data.json) as unknown,
    })
  const message = text.slice(isData ? data.end + 1 : at).replace(/^\uFEFF/, '')
  if (message !== '') members.push(textMember('message', message))
  return { time: time === '-' ? [] : [textMember('@timestamp', time!)], rest: members }
}

function headerMembers([host, app, procid, msgid]: readonly string[]): AddedMember[] {
  const members: AddedMember[] = []
  const add = (key: string, value: string): void => {
    if (value !== '-') members.push(textMember(key, value))
  }
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
