import type { StoredEvent } from '../../src/buffer/buffer.ts'
import type { Chunk } from '../../src/core/chunk.ts'
import { chunkOf } from './disk-buffer.ts'

/** The lines of the buffer's model: numbered, eight bytes each. */
export const linesBytes = 8
export const source = 'app'

/** Lines at every third place are filtered, so that the final check knows which ones. */
export function modelChunk(
  generation: string,
  from: number,
  what: { readonly lines: number; readonly largeBytes: number; readonly filtered: number },
): Chunk {
  const events = []
  let [at, filtered] = [from, 0]
  for (let left = what.lines + what.filtered; left > 0; left -= 1) {
    if (isFilteredAt(at)) filtered += 1
    else {
      const line =
        what.largeBytes > 0 ? 'x'.repeat(what.largeBytes) : String(at).padStart(linesBytes - 1, '0')
      const [event] = chunkOf([line], { generation, from: at }).events
      events.push({ ...event!, to: at + linesBytes })
    }
    at += linesBytes
  }
  return { ...chunkOf([], { source, generation, from, to: at, filtered }), events }
}

export const isFilteredAt = (at: number): boolean => at % (3 * linesBytes) === 0
export const idOf = (event: StoredEvent): string => `${event.record.generation}@${event.from}`
