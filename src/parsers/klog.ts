import { z } from 'zod'
import { membersOrFailed, mostDigits, numberMember, textMember } from './added-members.ts'
import { defineParser } from './parser.ts'
import type { AddedMember, Preset } from './parser.ts'
import { hasShape, isAllDigits, skipBlanks } from './text-scan.ts'
import { endOfDigits } from './time-value.ts'

/** klog's own names for its letters. */
export const klogLevels: Readonly<Record<string, string>> = {
  I: 'INFO',
  W: 'WARNING',
  E: 'ERROR',
  F: 'FATAL',
}

/** File names are short; what has no bracket soon is no header. */
const longestOrigin = 256

export const klogPreset: Preset = {
  stage: 'text',
  name: 'klog',
  fewestLines: 1,
  inKernel: { kind: 'preset', preset: 'klog' },
  parse: (text) => membersOrFailed(membersOf(text), 'klog'),
  fit: (text) => (membersOf(text) ? 'yes' : 'no'),
}

/** `I0120 10:00:00.123456   1234 file.go:56] MESSAGE`, as Kubernetes' and Google's programs write (glog has the year too). */
function membersOf(text: string): AddedMember[] | undefined {
  const level = Object.hasOwn(klogLevels, text.charAt(0)) ? klogLevels[text.charAt(0)] : undefined
  const dateEnd = hasShape(text, 1, '00000000 ') ? 9 : 5
  if (level === undefined || !hasShape(text, 1, '0000') || !hasShape(text, dateEnd, ' 00:00:00.000000 '))
    return undefined
  const timeEnd = dateEnd + 16
  const threadAt = skipBlanks(text, timeEnd)
  const threadEnd = endOfDigits(text, threadAt)
  const bracket = text.slice(threadEnd, threadEnd + longestOrigin).indexOf(']')
  if (threadEnd === threadAt || threadEnd - threadAt > mostDigits || bracket < 0) return undefined
  const origin = text.slice(threadEnd + 1, threadEnd + bracket)
  const colon = origin.lastIndexOf(':')
  if (colon < 1 || !isAllDigits(origin, colon + 1) || origin.length - colon > 10) return undefined
  return [
    textMember('@timestamp', text.slice(1, timeEnd)),
    textMember('level', level),
    numberMember('process.thread.id', text.slice(threadAt, threadEnd)),
    textMember('log.origin.file.name', origin.slice(0, colon)),
    numberMember('log.origin.file.line', origin.slice(colon + 1)),
    textMember('message', text.slice(threadEnd + bracket + 1).replace(/^ /, '')),
  ]
}

export const klogParser = defineParser({
  type: 'klog',
  summary: 'Lines of klog and glog, as kubelet and the other components of Kubernetes write them.',
  schema: z.strictObject({}),
  takesField: true,
  create: () => klogPreset,
})
