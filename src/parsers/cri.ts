import { z } from 'zod'
import { defineParser } from './parser.ts'
import type { Unwrapped, Wrapper } from './parser.ts'
import { parseRfc3339 } from './time-rfc3339.ts'
import { utc } from './time-zone.ts'

const space = 0x20
/** `2026-01-20T10:00:00.123456789+08:00` has 35. */
const longestTime = 40

/**
 * `TIME STREAM TAGS CONTENT` of containerd and CRI-O. The first of the tags (parted by colons) says whether the line is
 * full (`F`) or goes on in the stream's next one (`P`).
 */
export const criWrapper: Wrapper = {
  stage: 'wrapper',
  name: 'cri',
  unwrap(line, start, end) {
    const timeEnd = spaceIn(line, start, Math.min(end, start + longestTime + 1))
    if (timeEnd < 0) return undefined
    const stream = streamAt(line, timeEnd + 1)
    const tagsAt = timeEnd + 8
    if (stream === undefined || tagsAt >= end) return undefined
    const behind = spaceIn(line, tagsAt, end)
    const tagsEnd = behind < 0 ? end : behind
    const isPartial = partialTag(line, tagsAt, tagsEnd)
    if (isPartial === undefined) return undefined
    const time = parseRfc3339(line.toString('latin1', start, timeEnd), utc)
    if (!time) return undefined
    return { stream, time, isPartial, content: line.subarray(Math.min(tagsEnd + 1, end), end) }
  },
}

/** A native search would go on behind the line: in a block without spaces each line cost a look at all that follow. */
function spaceIn(line: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) if (line[at] === space) return at
  return -1
}

/** `stdout ` or `stderr `, compared from behind: the last letters differ. */
function streamAt(line: Buffer, at: number): Unwrapped['stream'] | undefined {
  const name = line.toString('latin1', at, at + 7)
  if (name === 'stdout ') return 'stdout'
  return name === 'stderr ' ? 'stderr' : undefined
}

function partialTag(line: Buffer, at: number, end: number): boolean | undefined {
  const tag = line[at]
  const isAlone = end === at + 1 || line[at + 1] === 0x3a
  if (!isAlone || (tag !== 0x46 && tag !== 0x50)) return undefined
  return tag === 0x50
}

export const criParser = defineParser({
  type: 'cri',
  summary: 'Lines of containerd and CRI-O; split lines are joined for each stream.',
  schema: z.strictObject({}),
  takesField: false,
  create: () => criWrapper,
})
