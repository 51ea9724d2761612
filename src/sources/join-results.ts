import type { Chunk } from '../core/chunk.ts'
import type { EncodedEvents } from '../core/encoded-events.ts'
import type { LaneResult } from '../lanes/lane.ts'

type Joined = Required<Pick<Chunk, 'events' | 'encoded' | 'filtered' | 'parseErrors'>>

/** What several calls of a lane made, for one chunk. */
export function joinResults(results: readonly LaneResult[]): Joined {
  return {
    events: results.length === 1 ? results[0]!.events : results.flatMap((result) => result.events),
    encoded: joinEncoded(results),
    filtered: results.reduce((total, { filtered }) => total + filtered, 0),
    parseErrors: results.reduce((total, { parseErrors }) => total + parseErrors, 0),
  }
}

/** Places count from the chunk's first draft. */
function joinEncoded(results: readonly LaneResult[]): readonly EncodedEvents[] {
  let before = 0
  return results.flatMap(({ events, encoded = [] }) => {
    const first = before
    before += events.length
    return first === 0 ? encoded : encoded.map((run) => ({ ...run, after: first + run.after }))
  })
}

/** Whether it has events, or filtered some. */
export const madeEvents = ({ events, encoded = [], filtered }: LaneResult): boolean =>
  events.length + encoded.length + filtered > 0
