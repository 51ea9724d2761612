import type { ByteWriter } from './byte-writer.ts'

/** For each byte: 0 if it stands for itself in a JSON string, else what follows the backslash (`u` for \u00XX). */
const escapes = new Uint8Array(256)
escapes.fill(0x75, 0, 0x20)
for (const [byte, letter] of [
  [0x22, '"'],
  [0x5c, '\\'],
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
] as const) {
  escapes[byte] = letter.charCodeAt(0)
}
const hexDigits = Buffer.from('0123456789abcdef')

/**
 * Writes UTF-8 text as a JSON string, quotes included. What lies beyond ASCII stays as it is. Up to the first character
 * that needs an escape, which most lines don't have, it is one copy; behind it a loop by bytes (copying every run between
 * escapes measured slower: a view for each costs more than its forty bytes).
 */
export function writeJsonString(text: Uint8Array, out: ByteWriter): void {
  const length = text.length
  // Six bytes for each at worst; asking once keeps the loop free of it.
  out.reserve(length * 6 + 2)
  const bytes = out.bytes
  let at = out.length
  bytes[at++] = 0x22
  let index = 0
  while (index < length && escapes[text[index]!] === 0) index++
  bytes.set(index === length ? text : text.subarray(0, index), at)
  at += index
  for (; index < length; index++) {
    const byte = text[index]!
    const escape = escapes[byte]!
    if (escape === 0) {
      bytes[at++] = byte
      continue
    }
    bytes[at++] = 0x5c
    bytes[at++] = escape
    if (escape === 0x75) at = writeHex(byte, bytes, at)
  }
  bytes[at++] = 0x22
  out.length = at
}

/** The four digits of `\u00XX`. */
function writeHex(byte: number, bytes: Uint8Array, start: number): number {
  let at = start
  bytes[at++] = 0x30
  bytes[at++] = 0x30
  bytes[at++] = hexDigits[byte >> 4]!
  bytes[at++] = hexDigits[byte & 15]!
  return at
}

/** Text as a JSON string, quotes included; a lone surrogate becomes U+FFFD, which every server takes. */
export function jsonString(text: string): string {
  return JSON.stringify(text.replace(/\p{Surrogate}/gu, '\ufffd'))
}
