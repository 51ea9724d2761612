/**
 * Copies text, 16 bytes a step (it may read and write over by 15); returns where it ends in `out`. A newline becomes a
 * space: in valid JSON it can only be space between members, but in a bulk body it would end the document, and make the
 * rest an action of its own. The swap costs nothing, as the bytes are in a register anyway.
 */
export function copyOnOneLine(from: usize, bytes: usize, out: usize): usize {
  const newlines = i8x16.splat(0x0a)
  const spaces = i8x16.splat(0x20)
  const end = out + bytes
  while (out < end) {
    const text = v128.load(from)
    v128.store(out, v128.bitselect(spaces, text, i8x16.eq(text, newlines)))
    from += 16
    out += 16
  }
  return end
}

/** The same characters that `src/render/document.ts` skips around members. */
export function isSpace(byte: u32): bool {
  return byte == 0x20 || (byte <= 0x0d && byte >= 0x09)
}
