import type { Edit } from '../core/event.ts'

/**
 * Where the members of a JSON object stand in its bytes. The text must be valid (`JSON.parse` has taken it): the scanner
 * only counts quotes and brackets, without recursion, so that no depth of nesting can hurt it.
 */
export interface MemberSpan {
  /** Unescaped. */
  readonly key: string
  /** Of the key with its quotes. */
  readonly keyStart: number
  readonly keyEnd: number
  readonly valueStart: number
  readonly valueEnd: number
}

/** For `memberSpans`: the first bytes of some names. An escaped key may be any of them. */
export function firstBytesOf(names: Iterable<string>): Uint8Array {
  const bytes = new Uint8Array(256)
  bytes[backslash] = 1
  for (const name of names) bytes[Buffer.from(name)[0] ?? quote] = 1
  return bytes
}

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c

/**
 * The members of the object whose brace stands at `objectAt`, in order, duplicates included. With `firstBytes` keys that
 * begin with none of those bytes are left '': decoding is most of the work, and few names matter.
 */
export function memberSpans(json: Buffer, objectAt: number, firstBytes?: Uint8Array): MemberSpan[] {
  const spans: MemberSpan[] = []
  let at = skipSpace(json, objectAt + 1)
  while (json[at] === quote) {
    const keyStart = at
    const keyEnd = endOfString(json, at)
    const valueStart = skipSpace(json, skipSpace(json, keyEnd) + 1)
    const valueEnd = endOfValue(json, valueStart)
    const isWanted = firstBytes === undefined || firstBytes[json[keyStart + 1]!] !== 0
    const key = isWanted ? keyText(json, keyStart, keyEnd) : ''
    spans.push({ key, keyStart, keyEnd, valueStart, valueEnd })
    at = skipSpace(json, valueEnd)
    if (json[at] !== comma) break
    at = skipSpace(json, at + 1)
  }
  return spans
}

/**
 * Takes members out of their object together with one comma each, so that commas stay between those that are left: one
 * splice for each run of them.
 */
export function cutMembers(spans: readonly MemberSpan[], isCut: readonly (boolean | undefined)[]): Edit[] {
  const edits: Edit[] = []
  for (let first = 0; first < spans.length; first++) {
    if (isCut[first] !== true) continue
    let last = first
    while (isCut[last + 1] === true) last++
    const behind = spans[last + 1]
    const before = spans[first - 1]
    const at = behind || !before ? spans[first]!.keyStart : before.valueEnd
    const end = behind ? behind.keyStart : spans[last]!.valueEnd
    edits.push({ at, cut: end - at, insert: '' })
    first = last
  }
  return edits
}

/** Where the first value of a JSON text begins. */
export function skipSpace(json: Buffer, from: number): number {
  let at = from
  while (at < json.length && json[at]! <= 0x20) at++
  return at
}

/**
 * The value at a path as it is written, or undefined: the member spelled `path`, else the object of its first part, and
 * so on. Of members with the same name the last one counts, as with `JSON.parse`.
 */
export function valueText(json: Buffer, path: string, objectAt = skipSpace(json, 0)): string | undefined {
  let nested: string | undefined
  for (const span of memberSpans(json, objectAt).reverse()) {
    if (span.key === path) return json.toString('utf8', span.valueStart, span.valueEnd)
    if (nested === undefined && json[span.valueStart] === openBrace && path.startsWith(`${span.key}.`)) {
      nested = valueText(json, path.slice(span.key.length + 1), span.valueStart)
    }
  }
  return nested
}

function keyText(json: Buffer, keyStart: number, keyEnd: number): string {
  const raw = json.toString('utf8', keyStart + 1, keyEnd - 1)
  return raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw
}

function endOfString(json: Buffer, from: number): number {
  for (let at = from + 1; at < json.length; at++) {
    const byte = json[at]
    if (byte === backslash) at++
    else if (byte === quote) return at + 1
  }
  return json.length
}

function endOfValue(json: Buffer, from: number): number {
  const first = json[from]
  if (first === quote) return endOfString(json, from)
  if (first === openBrace || first === openBracket) return endOfNested(json, from)
  let at = from
  while (at < json.length && !endsScalar(json[at]!)) at++
  return at
}

function endOfNested(json: Buffer, from: number): number {
  let depth = 0
  for (let at = from; at < json.length; at++) {
    const byte = json[at]
    if (byte === quote) at = endOfString(json, at) - 1
    else if (byte === openBrace || byte === openBracket) depth++
    else if (byte === closeBrace || byte === closeBracket) {
      depth--
      if (depth === 0) return at + 1
    }
  }
  return json.length
}

function endsScalar(byte: number): boolean {
  return byte === comma || byte === closeBrace || byte === closeBracket || byte <= 0x20
}
