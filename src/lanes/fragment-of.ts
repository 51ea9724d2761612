import { isUtf8 } from 'node:buffer'
import type { GenerationId } from '../core/chunk.ts'
import { EventFlag } from '../core/event.ts'
import type { Wrapper } from '../parsers/parser.ts'
import type { Fragment } from './fragments.ts'
import type { Lines } from './lines.ts'

type Unwrapped = NonNullable<ReturnType<Wrapper['unwrap']>>

/** The current line, out of its wrapper. Its content is a view: who keeps it copies it. */
export function fragmentOf(
  lines: Lines,
  unwrapped: Unwrapped,
  wrapper: Wrapper,
  generation: GenerationId,
): Fragment {
  const { stream, time, isPartial } = unwrapped
  // CRI cuts anywhere: a CR at the end of a part stands in the middle of the line that was logged.
  const wantsCarriageReturn = lines.hadCarriageReturn && isPartial && wrapper.name === 'cri'
  const content = wantsCarriageReturn
    ? Buffer.concat([unwrapped.content, Buffer.from('\r')])
    : unwrapped.content
  return {
    content,
    stream,
    time,
    generation,
    from: lines.from,
    to: lines.to,
    flags: lines.flags | repairedFlag(lines, wrapper),
  }
}

/** The current line as it stands, for what joins lines. */
export const plainFragment = (lines: Lines, generation: GenerationId): Fragment => ({
  content: lines.bytes.subarray(lines.start, lines.end),
  stream: '',
  time: undefined,
  generation,
  from: lines.from,
  to: lines.to,
  flags: lines.flags,
})

/** Docker's JSON is decoded before its content is looked at, so what was no UTF-8 must be noticed here. */
function repairedFlag(lines: Lines, wrapper: Wrapper): number {
  if (lines.isUtf8 || wrapper.name !== 'docker') return 0
  return isUtf8(lines.bytes.subarray(lines.start, lines.end)) ? 0 : EventFlag.invalidUtf8
}
