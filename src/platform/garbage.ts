import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const mebibyte = 1024 ** 2
/** Nothing to win below: what is there at start is some 25 MiB. */
const smallBytes = 64 * mebibyte
/** So much may be left lying about. Each time costs 30 ms. */
const mayGrowBytes = 24 * mebibyte
const lookAgainMs = 50
/** What changed by less since the last look: a look each 50 ms was a quarter of what an idle agent costs. */
const stillBytes = mebibyte / 4
const stillLookMs = 250
/** Of a core, above which an agent is busy: once it no longer is, what that has left is collected. */
const busyShare = 0.05

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
  let last = 0
  const look = (): void => {
    if (bytesInUse() >= Math.max(smallBytes, needed + mayGrowBytes)) collectNow()
    const used = bytesInUse()
    const isStill = Math.abs(used - last) < stillBytes
    last = used
    setTimeout(look, isStill ? stillLookMs : lookAgainMs).unref()
  }
  look()
  let before = process.cpuUsage()
  let wasBusy = true
  setInterval(() => {
    const { user } = process.cpuUsage(before)
    before = process.cpuUsage()
    const isBusy = user > idleLookMs * 1000 * busyShare
    if (!isBusy && wasBusy) collectNow()
    wasBusy = isBusy
  }, idleLookMs).unref()
}

function bytesInUse(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics()
  return heap + external
}
