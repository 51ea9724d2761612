import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Both halves of it. A chunk's events fit into one, so that they are dead before anything is copied. */
const enoughBytes = 8 * 1024 ** 2
const lookAgainMs = 100

/**
 * Keeps V8's nursery between too small and too large. Left to itself it grew to 100 MB on Node 24 (peak of a run 359 MB);
 * at its smallest, 1 MB, half of what lines make was still alive when it was full, and copying it cost 3 to 4 CPU s/GB.
 * Its bounds can only be given when the process starts; by which factor it grows is a flag that V8 reads each time.
 */
export function keepNursery(): void {
  // What the imports make is no measure.
  setFlagsFromString('--semi-space-growth-factor=1')
  // For as long as we run: V8 shrinks it when there is little to do.
  setInterval(() => {
    const size = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size
    const factor = Math.max(1, Math.floor(enoughBytes / (size ?? enoughBytes)))
    setFlagsFromString(`--semi-space-growth-factor=${factor}`)
  }, lookAgainMs).unref()
}
