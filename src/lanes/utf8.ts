import { isUtf8 } from 'node:buffer'

/** The bytes of `[0, end)` without a character that `end` cuts in two. */
export function wholeCharacters(bytes: Uint8Array, end: number): number {
  let lead = end - 1
  while (lead >= 0 && end - lead < 4 && (bytes[lead]! & 0xc0) === 0x80) lead--
  if (lead < 0) return end
  const byte = bytes[lead]!
  const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
  return end - lead < needed ? lead : end
}

/** A copy with U+FFFD for what is no UTF-8, or the bytes themselves if nothing is wrong. */
export function repaired(bytes: Buffer): Buffer {
  return isUtf8(bytes) ? bytes : Buffer.from(bytes.toString('utf8'), 'utf8')
}
