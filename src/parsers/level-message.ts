import { z } from 'zod'
import { membersOrFailed, textMember } from './added-members.ts'
import { isLevelWord } from './level-words.ts'
import { defineParser } from './parser.ts'
import type { Preset } from './parser.ts'
import { skipBlanks } from './text-scan.ts'

interface Line {
  readonly level: string
  readonly mark: ']' | ':' | ''
  readonly message: string
}

export const levelMessagePreset: Preset = {
  stage: 'text',
  name: 'level_message',
  // One line alone may well be a sentence about errors.
  fewestLines: 2,
  inKernel: { kind: 'preset', preset: 'level_message' },
  parse(text) {
    const line = read(text)
    const members = line && [textMember('level', line.level), textMember('message', line.message)]
    return membersOrFailed(members, 'level_message')
  },
  /** `Error opening …` and `Error: …` are sentences; `ERROR opening …`, `error: …` and `[Error] …` are not. */
  fit(text) {
    const line = read(text)
    if (!line) return 'no'
    const isShouted = line.level === line.level.toUpperCase()
    const isLabel = line.mark === ':' && line.level === line.level.toLowerCase()
    return isShouted || isLabel || line.mark === ']' ? 'yes' : 'no'
  },
}

/** `LEVEL message`, `LEVEL: message`, `[LEVEL] message`: a word that is a level, then blanks, then the rest. */
function read(text: string): Line | undefined {
  const isBracketed = text.charCodeAt(0) === 0x5b
  const from = isBracketed ? 1 : 0
  let end = from
  while (isLetter(text.charCodeAt(end)) && end < from + 32) end++
  const level = text.slice(from, end)
  if (!isLevelWord(level)) return undefined
  if (isBracketed && text.charAt(end++) !== ']') return undefined
  const hasColon = text.charAt(end) === ':'
  if (hasColon) end++
  const messageAt = skipBlanks(text, end)
  if (messageAt === end || messageAt >= text.length) return undefined
  return { level, mark: isBracketed ? ']' : hasColon ? ':' : '', message: text.slice(messageAt) }
}

const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122)

export const levelMessageParser = defineParser({
  type: 'level_message',
  summary: '`LEVEL message`, also `LEVEL: message` and `[LEVEL] message`: members `level` and `message`.',
  schema: z.strictObject({}),
  takesField: true,
  create: () => levelMessagePreset,
})
