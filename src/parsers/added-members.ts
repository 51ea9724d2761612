import type { AddedMember, ParsedText } from './parser.ts'

/** A member that holds text. */
export function textMember(key: string, value: string): AddedMember {
  return { key, json: JSON.stringify(value), value }
}

/** A member that holds the whole number that some digits write: JSON has no zeros in front. */
export function numberMember(key: string, digits: string): AddedMember {
  let first = 0
  while (first < digits.length - 1 && digits.charCodeAt(first) === 48) first++
  const json = digits.slice(first)
  return { key, json, value: Number(json) }
}

/** What a preset hands back: the members, or that the line isn't of its kind. */
export function membersOrFailed(members: readonly AddedMember[] | undefined, name: string): ParsedText {
  return members ? { kind: 'members', members } : { kind: 'failed', error: name }
}

/** Elasticsearch's `long` has 19 digits: with more the document would be refused for a number that nobody meant. */
export const mostDigits = 18
