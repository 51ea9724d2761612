/** What compressed files begin with. No log does: there is a control character or invalid UTF-8 in each. */
const beginnings: readonly (readonly [format: string, bytes: Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b, 0x08])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['lz4', Buffer.from([0x04, 0x22, 0x4d, 0x18])],
  ['zip', Buffer.from('PK\x03\x04')],
]

/** bzip2 has a digit in the midst of it. */
const bzip2 = { start: Buffer.from('BZh'), block: Buffer.from('1AY&SY') }

/**
 * The format that a file of these first bytes is compressed in. Rotation packs what was read already: its lines are not
 * wanted again, and its bytes as lines are garbage.
 */
export function packedAs(data: Uint8Array): string | undefined {
  for (const [format, bytes] of beginnings) if (holds(data, bytes, 0)) return format
  return holds(data, bzip2.start, 0) && holds(data, bzip2.block, 4) ? 'bzip2' : undefined
}

const holds = (data: Uint8Array, bytes: Buffer, at: number): boolean =>
  bytes.equals(data.subarray(at, at + bytes.length))
