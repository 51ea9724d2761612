import type { Edit } from '../../core/event.ts'
import { endOfString, endOfValue } from '../../parsers/json-grammar.ts'
import { jsonValue } from '../../parsers/json-value.ts'
import type { Redactor } from './redactor.ts'

const quote = 0x22
const colon = 0x3a
const openBrace = 0x7b
const openBracket = 0x5b

interface JsonSpan {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
}

/** What happened to a text of the value, for who has to take it away elsewhere too. */
type OnWhole = (secret: string) => void

/**
 * The splices that take the secrets out of a valid JSON value, at any depth: strings are looked into as they are meant,
 * escapes resolved; below a secret name every string and number goes. No recursion: no depth of nesting can hurt.
 */
export function redactJson(
  { bytes, from, to }: JsonSpan,
  key: string,
  redactor: Redactor,
  onWhole: OnWhole = () => {},
): Edit[] {
  const edits: Edit[] = []
  /** Of each open object or list: whether all in it is secret. */
  const secrets: boolean[] = []
  let isSecret = redactor.isSecretKey(key)
  for (let at = from; at < to;) {
    const byte = bytes[at]!
    if (byte === openBrace || byte === openBracket) {
      secrets.push(isSecret)
      at++
    } else if (byte === openBrace + 2 || byte === openBracket + 2) {
      isSecret = secrets.pop() ?? false
      at++
    } else if (byte === quote) {
      const end = endOfString(bytes, at + 1, to)
      if (isKey(bytes, end, to)) {
        isSecret = (secrets.at(-1) ?? false) || redactor.isSecretKey(textAt(bytes, at, end))
      } else {
        redactString({ bytes, from: at, to: end }, isSecret, redactor, { edits, onWhole })
      }
      at = end
    } else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) {
      const end = endOfValue(bytes, at, to)
      redactNumber({ bytes, from: at, to: end }, isSecret, redactor, { edits, onWhole })
      at = end
    } else at++
  }
  return edits
}

const textAt = (bytes: Buffer, from: number, to: number): string => String(jsonValue(bytes, from, to))

/** A string with a colon behind it. */
function isKey(bytes: Buffer, end: number, to: number): boolean {
  let at = end
  while (at < to && bytes[at]! <= 0x20) at++
  return at < to && bytes[at] === colon
}

function redactNumber(
  { bytes, from, to }: JsonSpan,
  isSecret: boolean,
  redactor: Redactor,
  { edits, onWhole }: { edits: Edit[]; onWhole: OnWhole },
): void {
  const digits = bytes.toString('latin1', from, to)
  if (!isSecret && !redactor.isSecretNumber(digits)) return
  if (isSecret) onWhole(digits)
  edits.push({ at: from, cut: to - from, insert: JSON.stringify(redactor.whole(digits)) })
}

function redactString(
  { bytes, from, to }: JsonSpan,
  isSecret: boolean,
  redactor: Redactor,
  { edits, onWhole }: { edits: Edit[]; onWhole: OnWhole },
): void {
  const text = textAt(bytes, from, to)
  if (text === '') return
  if (isSecret) onWhole(text)
  const redacted = isSecret ? redactor.whole(text) : redactor.text(text)
  if (redacted === undefined || redacted === text) return
  edits.push({
    at: from,
    cut: to - from,
    insert: JSON.stringify(redacted.replaceAll(/\p{Surrogate}/gu, '\ufffd')),
  })
}
