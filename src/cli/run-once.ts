import type { Agent } from '../agent.ts'
import { ExitStatus } from '../core/errors.ts'
import { checkLedger, formatLedger } from '../ledger/ledger.ts'
import type { AgentView } from '../telemetry/view.ts'
import { systemClock } from '../platform/system-clock.ts'
import type { Io } from './io.ts'

/** How often the progress line on a terminal changes. */
const progressMs = 200

/**
 * `run --once`: everything that is there now is shipped and settled. Resolves to the exit status: 1 if anything was
 * dead-lettered or lost on the way (the ledger is printed), or if time ran out (the rest stays buffered).
 */
export async function runOnce(
  agent: Agent,
  options: { timeoutMs: number | undefined; stop: AbortSignal; io: Io },
): Promise<number> {
  const { io } = options
  const before = troubles(agent)
  const stop = new AbortController()
  let why = ''
  const give = (reason: string) => (): void => {
    why ||= reason
    stop.abort()
  }
  const cancelTimeout =
    options.timeoutMs === undefined
      ? () => {}
      : systemClock.after(options.timeoutMs, give('time ran out'), true)
  const interrupt = give('interrupted')
  if (options.stop.aborted) interrupt()
  options.stop.addEventListener('abort', interrupt)
  const progress =
    io.stderr.isTTY === true
      ? setInterval(() => io.stderr.write(`\r${progressLine(agent)}\x1b[K`), progressMs)
      : undefined
  await agent.settle(stop.signal)
  cancelTimeout()
  clearInterval(progress)
  if (progress) io.stderr.write('\r\x1b[K')

  const wasLost = troubles(agent) > before
  const problems = checkLedger(agent)
  await agent.stop()
  const isClean = why === '' && !wasLost && problems.length === 0
  if (why)
    io.stderr.write(`logferry: ${why} before every sink had settled what was read; the rest stays buffered\n`)
  if (wasLost) io.stderr.write('logferry: not every event was accepted; see the ledger\n')
  for (const problem of problems) io.stderr.write(`logferry: the ledger does not add up: ${problem}\n`)
  if (!isClean || io.stderr.isTTY === true) io.stderr.write(`${formatLedger(agent)}\n`)
  return isClean ? ExitStatus.done : ExitStatus.failed
}

/** Events dead-lettered or dropped, and bytes lost: what makes `--once` fail when it grows. */
function troubles(view: AgentView): number {
  let total = 0
  for (const sink of view.sinks()) {
    for (const counts of sink.counts.values()) {
      total += counts.deadLettered
      for (const dropped of Object.values(counts.dropped)) total += dropped
    }
  }
  for (const source of view.sources()) {
    for (const bytes of Object.values(source.counts.lostBytes)) total += bytes
  }
  return total
}

function progressLine(view: AgentView): string {
  const read = view.sources().reduce((total, source) => total + source.counts.readEvents, 0)
  const sinks = view
    .sinks()
    .map((sink) => `${sink.name}: ${sink.lagEvents} to go${sink.lastError ? ` (${sink.lastError})` : ''}`)
  return [`read ${read} events`, ...sinks].join(' · ')
}
