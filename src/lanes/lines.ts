/** Only spaces, tabs and CRs in `bytes[start, end)`. */
export function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false
  }
  return true
}

/** The lines of a block, one after the other. The current one is `bytes[start, end)`. */
export interface Lines {
  readonly bytes: Buffer
  /** Every line is UTF-8; else each is looked at by itself. */
  readonly isUtf8: boolean
  /** The current line's text without its newline, its CR and the NULs that a truncated file's hole left before it. */
  readonly start: number
  readonly end: number
  /** The current line's stretch of the file generation, in the file's own bytes. */
  readonly from: number
  readonly to: number
  /** Bits of `EventFlag`. */
  readonly flags: number
  /** A CR was taken off, which a fragment in the middle of a line wants back. */
  readonly hadCarriageReturn: boolean
  /** False at the end. Blank lines are passed over. */
  next(): boolean
  /** As `next`, for who wants blank lines too. */
  nextOrBlank(): boolean
  /** The current line, decoded; only for one that is UTF-8. */
  text(): string
  /** Only spaces, tabs and CRs. */
  isBlank(): boolean
}
