import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Both halves of it. A chunk's events fit into one, so that they are dead before anything is copied. */
const enoughBytes = 8 * 1024 ** 2
const lookAgainMs = 1_000
/** CPU of a second from which on lines are what keeps us busy. */
const busyMicroseconds = 250_000
const objectsAtOnce = 1_000
const mostTurns = 1_000

/**
 * Keeps V8's nursery between too small and too large. Left to itself it grew to 100 MB on Node 24 (peak of a run 359 MB);
 * at its smallest, 1 MB, half of what lines make was still alive when it was full, and copying it cost 3 to 4 CPU s/GB.
 * Its bounds can only be given when the process starts, so main.ts forbids it to grow, and here it grows by a step.
 */
export function keepNursery(): void {
  growNursery()
  let before = process.cpuUsage()
  // V8 shrinks it while there is little to do, and that is right; it is wanted again when there is much.
  setInterval(() => {
    const { user } = process.cpuUsage(before)
    before = process.cpuUsage()
    if (user >= busyMicroseconds) growNursery()
  }, lookAgainMs).unref()
}

/** V8 doubles it once as much survived as it holds. Done in one go, as a timer would come too late and find it far too large. */
export function growNursery(): void {
  let kept: object[] = []
  setFlagsFromString('--semi-space-growth-factor=2')
  for (let turn = 0; turn < mostTurns && nurseryBytes() < enoughBytes; turn++) {
    for (let count = 0; count < objectsAtOnce; count++) kept.push({ turn, count })
    if (kept.length > 200_000) kept = []
  }
  setFlagsFromString('--semi-space-growth-factor=1')
}

export function nurseryBytes(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? enoughBytes
}
