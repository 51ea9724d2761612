import type { LineBlock } from '../../../lanes/lane.ts'

const newline = 0x0a

export interface Cut {
  /** Stretches of whole lines, and single lines that were cut, in order and without gaps. */
  readonly blocks: readonly LineBlock[]
  /** Index in `data` after the last newline: what follows is the beginning of a line. */
  readonly restAt: number
}

/** Divides what was read (it starts a line at `from`) into blocks whose lines are at most `maxLineBytes` long. */
export function cutBlocks(data: Uint8Array, from: number, maxLineBytes: number): Cut {
  const restAt = data.lastIndexOf(newline) + 1
  if (restAt === 0) return { blocks: [], restAt }
  // The usual case needs no look at single lines: none can be too long.
  if (restAt <= maxLineBytes + 1) return { blocks: [wholeLines(data, from, 0, restAt)], restAt }
  const blocks: LineBlock[] = []
  let blockStart = 0
  let at = 0
  while (at < restAt) {
    // Jumps over all lines that end within the next maxLineBytes: some dozens of calls for a read, not one for each line.
    const lastInReach = data.lastIndexOf(newline, Math.min(at + maxLineBytes, restAt - 1))
    const end = lastInReach >= at ? lastInReach + 1 : data.indexOf(newline, at) + 1
    const line = lastInReach >= at ? undefined : cutLine(data.subarray(at, end - 1), maxLineBytes)
    if (line) {
      if (at > blockStart) blocks.push(wholeLines(data, from, blockStart, at))
      blocks.push({ bytes: line, from: from + at, to: from + end, truncated: true })
      blockStart = end
    }
    at = end
  }
  if (restAt > blockStart) blocks.push(wholeLines(data, from, blockStart, restAt))
  return { blocks, restAt }
}

const wholeLines = (data: Uint8Array, from: number, start: number, end: number): LineBlock => ({
  bytes: data.subarray(start, end),
  from: from + start,
  to: from + end,
})

/** The first `maxLineBytes` of a line that is longer; undefined where only NULs in front or a CR make it so. */
export function cutLine(line: Uint8Array, maxLineBytes: number): Uint8Array | undefined {
  const start = leadingZeros(line)
  const end = line.at(-1) === 0x0d ? line.length - 1 : line.length
  return end - start > maxLineBytes ? cutAtCharacter(line, start, start + maxLineBytes) : undefined
}

/** `[start, end)` without the beginning of a UTF-8 character whose rest is cut off. */
export function cutAtCharacter(bytes: Uint8Array, start: number, end: number): Uint8Array {
  let cut = Math.min(end, bytes.length)
  // At most three bytes back: in a run of stray continuation bytes there is no border to find.
  for (let back = 0; back < 3 && cut > start && isContinuation(bytes[cut]); back++) cut--
  return bytes.subarray(start, isContinuation(bytes[cut]) || cut === start ? end : cut)
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

export function leadingZeros(bytes: Uint8Array): number {
  let count = 0
  while (count < bytes.length && bytes[count] === 0) count++
  return count
}
