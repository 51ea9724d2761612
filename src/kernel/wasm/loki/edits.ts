import { fieldAt, fieldCount, nameAt, nameLength } from './fields'

/**
 * Documents get the line with the event's edits: members that are cut, and keys or values that are replaced (docs/buffer-format.md:
 * u32 at, u32 cut, u32 length, and the text that comes in). What a field finds in the line is what it finds in the
 * document, unless an edit touches that very member, or brings in its name.
 */

const headBytes: usize = 12
const backslash: u8 = 0x5c

/** Whether some text that comes in may hold the name of a wanted field; also of edits that are not whole. */
export function mayBringIn(list: usize, wanted: u32, edits: usize, editsEnd: usize): bool {
  while (edits < editsEnd) {
    const end = endOfEdit(edits, editsEnd)
    if (end == 0 || holdsName(list, wanted, edits + headBytes, end)) return true
    edits = end
  }
  return false
}

/** Whether an edit touches the bytes `[from, to)` of the line. The edits must be whole. */
export function touches(edits: usize, editsEnd: usize, from: usize, to: usize): bool {
  while (edits < editsEnd) {
    const at = load<u32>(edits)
    if (<usize>at < to && <u64>at + <u64>load<u32>(edits, 4) > <u64>from) return true
    edits = endOfEdit(edits, editsEnd)
  }
  return false
}

/** Behind the edit, or 0 if it does not end before `editsEnd`. */
function endOfEdit(edits: usize, editsEnd: usize): usize {
  if (editsEnd - edits < headBytes) return 0
  const length = load<u32>(edits, 8)
  return <u64>length > <u64>(editsEnd - edits - headBytes) ? 0 : edits + headBytes + length
}

/** A name with escapes could be any. */
function holdsName(list: usize, wanted: u32, from: usize, end: usize): bool {
  for (let at = from; at < end; at++) if (load<u8>(at) == backslash) return true
  const count = fieldCount(list)
  for (let index: u32 = 0; index < count; index++) {
    if (!((wanted >> index) & 1)) continue
    const field = fieldAt(list, index)
    const length = nameLength(field)
    for (let at = from; at + length <= end; at++) {
      if (memory.compare(at, nameAt(field), length) == 0) return true
    }
  }
  return false
}
