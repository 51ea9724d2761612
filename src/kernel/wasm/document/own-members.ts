import { copyOnOneLine, isSpace } from './text'

const openBrace: u32 = 0x7b
const closeBrace: u32 = 0x7d
const comma: u32 = 0x2c

/** An edit: u32 at, u32 cut, u32 length of what is put there, and its text. */
const editCut: usize = 4
const editInsertLength: usize = 8
const editInsertAt: usize = 12

/**
 * Writes the line, a JSON object, with its edits and without its opening brace: what stands before `out` is the agent's
 * and ends in a comma, or is the brace. Returns where it ends, or 0 where the edits are none.
 */
export function writeOwnMembers(
  line: usize,
  length: u32,
  edits: usize,
  editsLength: u32,
  start: usize,
): usize {
  const lineEnd = line + length
  let from = behindBrace(line, lineEnd)
  let out = start
  const editsEnd = edits + editsLength
  while (edits < editsEnd) {
    if (!isWholeEdit(edits, editsEnd)) return 0
    const until = <u64>line + <u64>load<u32>(edits)
    const insertLength = load<u32>(edits, editInsertLength)
    out = copyPart(from, min(until, <u64>lineEnd), out)
    out = copyOnOneLine(edits + editInsertAt, insertLength, out)
    // Behind the end where the line is shorter than its edits say: then nothing of it is left.
    from = until + <u64>load<u32>(edits, editCut)
    edits += editInsertAt + insertLength
  }
  out = copyPart(from, lineEnd, out)
  return closeIfEmpty(start, out)
}

function behindBrace(line: usize, lineEnd: usize): u64 {
  let at = line
  while (at < lineEnd && load<u8>(at) != openBrace) at++
  return at + 1
}

function isWholeEdit(edit: usize, end: usize): bool {
  if (end - edit < editInsertAt) return false
  return <u64>load<u32>(edit, editInsertLength) <= <u64>(end - edit - editInsertAt)
}

/** Copies `[from, until)`, which is nothing where edits overlap. */
function copyPart(from: u64, until: u64, out: usize): usize {
  return from < until ? copyOnOneLine(<usize>from, <usize>(until - from), out) : out
}

/** The line was `{}`, or its edits left nothing of it: then there is nothing for the last comma to part. */
function closeIfEmpty(start: usize, end: usize): usize {
  let at = start
  while (at < end && isSpace(load<u8>(at))) at++
  if (at == end || load<u8>(at) != closeBrace) return end
  const out = beforeLastComma(at)
  store<u8>(out, closeBrace)
  return out + 1
}

/** Where the comma after the last member stands, spaces behind it left out; `out` where there is none. */
export function beforeLastComma(out: usize): usize {
  let last = out - 1
  // A document begins with a brace, so this ends.
  while (isSpace(load<u8>(last))) last--
  return load<u8>(last) == comma ? last : out
}
