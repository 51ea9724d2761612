// oxlint-disable-next-line no-restricted-imports -- a limit of the regex guard, whose other clock is vm's own
import { cpuUsage } from 'node:process'

/** Each with twice the time of the one before: from 50 ms to 1.6 s by the wall's clock. */
const mostTries = 6

/** Milliseconds that this process has used; of all its threads, as Node 20 does not tell them apart. */
function usedByProcess(): number {
  const { user, system } = cpuUsage()
  return (user + system) / 1000
}

/**
 * Runs something that can be stopped by the wall's clock alone until it has had `limitMs` of CPU time. On a busy machine a
 * process may not get its turn for longer than any line takes: an honest line was given up then, its whole value masked
 * or left unparsed. What needs longer than its limit is stopped by its first or second run, as before.
 */
export function withinCpuTime<Result>(
  run: (wallMs: number) => Result | 'timeout',
  limitMs: number,
  usedMs: () => number = usedByProcess,
): Result | 'timeout' {
  let wallMs = limitMs
  for (let tries = 1; ; tries++) {
    const before = usedMs()
    const result = run(wallMs)
    if (result !== 'timeout' || tries === mostTries) return result
    // The stop comes a moment late or early: most of it is all of it.
    if (usedMs() - before >= limitMs * 0.8) return result
    wallMs *= 2
  }
}
