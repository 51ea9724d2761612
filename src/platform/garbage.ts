import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const mebibyte = 1024 ** 2
/** Nothing to win below: what is there at start is some 25 MiB. */
const smallBytes = 64 * mebibyte
/** So much may be left lying about. Each time costs 30 ms. */
const mayGrowBytes = 24 * mebibyte
const lookAgainMs = 50
/** An agent that has nothing to do gives back what is more than this above what it needs, once for each time it was busy. */
const idleGrowBytes = 6 * mebibyte
/** CPU between two such looks, up to which it has nothing to do. */
const idleMicroseconds = 250_000

/**
 * Collects garbage before V8 would: the bytes of records and answers lie outside of its heap, and it lets some 64 MiB of
 * them gather, though 17 are in use. Peak of RSS on Node 24: 220 to 240 MB without, 180 with it, for about 2 CPU s/GB.
 */
export function keepGarbageSmall({ idleLookMs = 5_000 } = {}): void {
  setFlagsFromString('--expose-gc')
  // Else a thread gives back what was found unused, whenever it gets a turn: on a busy machine the peak was 50 MB higher.
  setFlagsFromString('--no-concurrent-array-buffer-sweeping')
  // What V8 goes by itself is a heap that grew by a tenth: it marked all 28 MB of it seven times for each 300 MB of lines,
  // which found 2 MB each time (7 % of all CPU). The bound below is what keeps it small.
  setFlagsFromString('--heap-growing-percent=300')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') return
  let needed = 0
  const collectNow = (): void => {
    collect()
    needed = bytesInUse()
  }
  setInterval(() => {
    if (bytesInUse() >= Math.max(smallBytes, needed + mayGrowBytes)) collectNow()
  }, lookAgainMs).unref()
  let before = process.cpuUsage()
  setInterval(() => {
    const { user } = process.cpuUsage(before)
    before = process.cpuUsage()
    if (user < idleMicroseconds && bytesInUse() > needed + idleGrowBytes) collectNow()
  }, idleLookMs).unref()
}

function bytesInUse(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics()
  return heap + external
}
