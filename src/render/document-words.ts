import { severityNames, shownFlags } from '../core/event.ts'

/** The fixed texts of a document, for both who write them: `document.ts` and the kernel. */
export const timestampName = '{"@timestamp":"'
export const traceName = '"trace.id":"'
export const spanName = '"span.id":"'
export const messageName = '"message":'
export const offsetName = '"log.offset":'

/** `"log.level":"info",` */
export const levelMember = (severity: number): string => `"log.level":"${severityNames[severity] ?? ''}",`

/** `"log.flags":["truncated","partial"],`, or nothing where no bit of these is shown. */
export function flagsMember(flags: number): string {
  const shown = shownFlags.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => `"${name}"`)
  return shown.length > 0 ? `"log.flags":[${shown.join(',')}],` : ''
}

/** In the order of src/kernel/wasm/document/words.ts: all combinations of shown flags, which are the lowest bits. */
const words: readonly string[] = [
  timestampName,
  traceName,
  spanName,
  messageName,
  offsetName,
  ...severityNames.map((_, severity) => levelMember(severity)),
  ...Array.from({ length: 2 ** shownFlags.length }, (_, flags) => flagsMember(flags)),
]

const wordBytes = 80

/** The words as the kernel looks them up: each its length as u32 and its text, 80 bytes apart. */
export function wordTable(): Buffer {
  const table = Buffer.alloc(words.length * wordBytes)
  for (const [index, word] of words.entries()) {
    table.writeUInt32LE(table.write(word, index * wordBytes + 4, wordBytes - 4), index * wordBytes)
  }
  return table
}
