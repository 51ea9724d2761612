import type { Label, LabelSet } from '../push/push.ts'

/** Limits of Loki 3.7.8 (limits_config), all per tenant and the defaults. */
export const labelLimits = { count: 15, valueBytes: 2048 } as const

/** The label of streams for late entries. */
export const backlogLabel: Label = ['backlog', 'true']

/** Where nothing else is left of the labels: Loki would take an empty set, but nobody could find its lines. */
const lastResort: Label = ['job', 'logferry']

/** A label set: empty values dropped, long ones cut on a UTF-8 border, never empty. Names must be valid and distinct. */
export function labelSet(labels: readonly Label[]): LabelSet {
  const pairs = labels
    .filter(([, value]) => value !== '')
    .map(([name, value]): Label => [name, cutText(takable(value), labelLimits.valueBytes)])
  if (pairs.length === 0) pairs.push(lastResort)
  pairs.sort(([a], [b]) => (a < b ? -1 : 1))
  return { pairs, text: labelsText(pairs) }
}

export function withBacklog(labels: LabelSet): LabelSet {
  return labelSet([...labels.pairs, backlogLabel])
}

function labelsText(pairs: readonly Label[]): string {
  return `{${pairs.map(([name, value]) => `${name}="${escape(value)}"`).join(', ')}}`
}

/** As Go unquotes strings (Loki reads the text with PromQL's lexer): nothing in a value can end it. */
function escape(value: string): string {
  return value.replace(/["\\\0-\x1f\x7f-\x9f\u2028\u2029]/g, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`
    if (character === '\n') return '\\n'
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/**
 * Loki 3.7.8 takes U+FFFD in a label value for broken UTF-8, escaped or not, and refuses the whole push (measured).
 * It comes from lines that had broken UTF-8, and of lone surrogates.
 */
function takable(value: string): string {
  return value.replace(/\p{Surrogate}|\ufffd/gu, '?')
}

/** Reads back what `labelsText` wrote. */
export function parseLabels(text: string): LabelSet {
  const pairs: Label[] = []
  for (const [, name, value] of text.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/gs)) {
    pairs.push([name!, unescape(value!)])
  }
  return { pairs, text }
}

function unescape(value: string): string {
  return value.replace(/\\(?:u([0-9a-f]{4})|(.))/gs, (_, code: string | undefined, character: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    return character === 'n' ? '\n' : character
  })
}

/** The longest start of `text` that takes at most `maxBytes` in UTF-8, cut between characters. */
export function cutText(text: string, maxBytes: number): string {
  // Three bytes for each UTF-16 unit at most: most texts need no second look.
  if (text.length * 3 <= maxBytes) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return text
  return bytes.subarray(0, utf8Border(bytes, maxBytes)).toString()
}

/** The last border between characters at or before `at` in valid UTF-8. */
export function utf8Border(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return bytes.length
  let border = at
  while (border > 0 && (bytes[border]! & 0xc0) === 0x80) border--
  return border
}
