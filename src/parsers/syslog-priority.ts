import { numberMember, textMember } from './added-members.ts'
import type { AddedMember } from './parser.ts'
import { endOfDigits } from './time-value.ts'

const severities = 'emerg alert crit err warning notice info debug'.split(' ')
const facilities = [
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp security console solaris-cron',
  'local0 local1 local2 local3 local4 local5 local6 local7',
].flatMap((names) => names.split(' '))

/** From 0 on. */
export const priorities = 192

export interface Priority {
  readonly value: number
  /** Behind the `>`. */
  readonly end: number
}

/** `<0>` to `<191>` at the start of a line. */
export function priorityAt(text: string): Priority | undefined {
  const end = text.charCodeAt(0) === 0x3c ? endOfDigits(text, 1) : 1
  if (end === 1 || end > 4 || text.charCodeAt(end) !== 0x3e) return undefined
  const value = Number(text.slice(1, end))
  return value < priorities ? { value, end: end + 1 } : undefined
}

export function priorityMembers({ value }: Priority): AddedMember[] {
  const facility = value >> 3
  return [
    textMember('level', severities[value & 7]!),
    numberMember('log.syslog.priority', String(value)),
    numberMember('log.syslog.facility.code', String(facility)),
    textMember('log.syslog.facility.name', facilities[facility]!),
    numberMember('log.syslog.severity.code', String(value & 7)),
  ]
}
