import { formOf } from '../../../core/encoding.ts'
import type { Encoding } from '../../../core/encoding.ts'
import type { LineBlock } from '../../../lanes/lane.ts'
import type { LineForm } from '../../../core/line-form.ts'

export interface Cut {
  /** Stretches of whole lines, and single lines that were cut, in order and without gaps. */
  readonly blocks: readonly LineBlock[]
  /** Index in `data` after the last newline: what follows is the beginning of a line. */
  readonly restAt: number
}

/** Divides what was read (it starts a line at `from`) into blocks whose lines are at most `maxLineBytes` long. */
export function cutBlocks(data: Uint8Array, from: number, maxLineBytes: number, encoding?: Encoding): Cut {
  const form = formOf(encoding)
  const restAt = form.endOfLast(data, data.length, from)
  if (restAt === 0) return { blocks: [], restAt }
  const wholeLines = (start: number, end: number): LineBlock => ({
    bytes: data.subarray(start, end),
    from: from + start,
    to: from + end,
    encoding,
  })
  // The usual case needs no look at single lines: none can be too long.
  if (restAt <= maxLineBytes + form.unitBytes) return { blocks: [wholeLines(0, restAt)], restAt }
  const blocks: LineBlock[] = []
  let blockStart = 0
  let at = 0
  while (at < restAt) {
    // Jumps over all lines that end within the next maxLineBytes: some dozens of calls for a read, not one for each line.
    const lastInReach = form.endOfLast(data, Math.min(at + maxLineBytes + form.unitBytes, restAt), from)
    const end = lastInReach > at ? lastInReach : form.endOfNext(data, at, from)
    const line = data.subarray(at, end - form.unitBytes)
    const cut = lastInReach > at ? undefined : cutLine(line, maxLineBytes, form)
    if (cut) {
      if (at > blockStart) blocks.push(wholeLines(blockStart, at))
      blocks.push({ bytes: cut, from: from + at, to: from + end, encoding, truncated: true })
      blockStart = end
    }
    at = end
  }
  if (restAt > blockStart) blocks.push(wholeLines(blockStart, restAt))
  return { blocks, restAt }
}

/** The first `maxLineBytes` of a line that is longer; undefined where only NULs in front or a CR make it so. */
function cutLine(line: Uint8Array, maxLineBytes: number, form: LineForm): Uint8Array | undefined {
  const start = leadingZeros(line, form.unitBytes)
  const end = line.length - form.returnBytes(line)
  return end - start > maxLineBytes ? form.cut(line, start, start + maxLineBytes) : undefined
}

/** How many NULs stand in front, in whole units. */
export function leadingZeros(bytes: Uint8Array, unitBytes = 1): number {
  let count = 0
  while (count < bytes.length && bytes[count] === 0) count++
  return count - (count % unitBytes)
}
