import { encodingOf } from '../../src/core/encoding.ts'

/** Every character that an encoding has in one or two bytes (and some in more), by turning its decoder round. */
function tableOf(label: string): Map<string, Buffer> {
  const encoding = encodingOf(label)!
  const table = new Map<string, Buffer>()
  const add = (bytes: Buffer): void => {
    const { text, isExact } = encoding.decode(bytes, false)
    if (isExact && Array.from(text).length === 1 && !table.has(text)) table.set(text, bytes)
  }
  for (let first = 0; first < 256; first++) add(Buffer.from([first]))
  if (isWide(label))
    for (let first = 0x81; first < 255; first++)
      for (let second = 0x30; second < 255; second++) add(Buffer.from([first, second]))
  if (label === 'euc-jp')
    for (let second = 0xa1; second < 255; second += 7) add(Buffer.from([0x8f, 0xb0, second]))
  if (label === 'gb18030')
    for (let third = 0x81; third < 255; third += 5) add(Buffer.from([0x95, 0x32, third, 0x36]))
  return table
}

const isWide = (label: string): boolean => /^(?:gb|big5|shift_jis|euc)/.test(label)
const tables = new Map<string, Map<string, Buffer>>()

export function encodeTable(label: string): ReadonlyMap<string, Buffer> {
  const table = tables.get(label) ?? tableOf(label)
  tables.set(label, table)
  return table
}

/** The text's bytes; every character must be in the encoding. */
export function encode(text: string, label: string): Buffer {
  if (label === 'utf-16le') return Buffer.from(text, 'utf16le')
  if (label === 'utf-16be') return Buffer.from(text, 'utf16le').swap16()
  const table = encodeTable(label)
  return Buffer.concat(
    Array.from(text, (char) => {
      const bytes = table.get(char)
      if (!bytes) throw new Error(`${label} has no ${char}`)
      return bytes
    }),
  )
}
