import type { AddedMember } from '../parsers/parser.ts'

/** A member that holds text, valid UTF-8 whatever the text was cut out of. */
export function memberText(key: string, text: string): AddedMember {
  const value = text.replaceAll(/\p{Surrogate}/gu, '\ufffd')
  return { key, json: JSON.stringify(value), value }
}
