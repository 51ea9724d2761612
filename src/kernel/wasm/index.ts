/**
 * The kernel: all that the agent does to bytes, a block at a time. This is AssemblyScript, not TypeScript: it is compiled
 * by `scripts/build-kernel.mjs`, and only integers and memory addresses cross its border. Conventions:
 *
 * - An address is `usize`, a length in bytes too. A stretch is `[at, end)`.
 * - Behind each stretch that is handed in, at least `slackBytes` (src/kernel/kernel.ts) can be read and written over:
 *   vectors of 16 bytes are loaded and stored without asking where the stretch ends.
 * - 0 is no address of anything: functions return it for "not found" and "refused".
 * - Nothing is allocated. Tables are static (`memory.data`), everything else lies where the caller says.
 */
export { frameBulk } from './document/bulk'
export { endOfLine } from './lines'
export { snappyCompress } from './snappy'
export { deflateSlice, deflateStart } from './deflate/deflate'
export { dealEvents, dealMade, writeDeal } from './loki/deal'
export { groupsAt, groupsFound } from './loki/groups'
export { forgetStreams, learnStream } from './loki/streams'

// The way in: lines to events.
export { rebaseEntries } from './event-entry'
export { memoAdd, memoBytes, memoClear, seedMemos } from './memo'
export { readLines } from './read-lines'
export { runSpanProgram } from './span-program'

/** Where the memory that is the caller's begins. */
export function heapBase(): usize {
  return __heap_base
}
