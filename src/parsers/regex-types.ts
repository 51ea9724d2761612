import type { AddedMember } from './parser.ts'

export type GroupType = 'int' | 'float' | 'bool' | 'string'

/**
 * A group as a member. Digits are kept as they are written, where JSON can write them so. A text that isn't of its type
 * stays text; nothing, and the `-` of access logs, is left out: as text it would spoil the mapping of a number.
 */
export function convert(key: string, text: string | undefined, type: GroupType): AddedMember | undefined {
  if (text === undefined) return undefined
  if (type === 'string') return { key, json: JSON.stringify(text), value: text }
  if (text === '' || text === '-') return undefined
  const json = type === 'bool' ? boolText(text) : numberText(text, type)
  return json === undefined
    ? { key, json: JSON.stringify(text), value: text }
    : { key, json, value: JSON.parse(json) as unknown }
}

function numberText(text: string, type: 'int' | 'float'): string | undefined {
  const int = /^(?:\+|(-))?0*(\d+)$/.exec(text)
  if (int) return `${int[1] ?? ''}${int[2]}`
  if (type === 'int') return undefined
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return text
  const value = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : NaN
  return Number.isFinite(value) ? String(value) : undefined
}

const truths = new Set(['true', 't', 'yes', 'y', 'on', '1'])
const untruths = new Set(['false', 'f', 'no', 'n', 'off', '0'])

function boolText(text: string): string | undefined {
  const word = text.toLowerCase()
  if (truths.has(word)) return 'true'
  return untruths.has(word) ? 'false' : undefined
}
