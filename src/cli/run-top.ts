import { AgentError } from '../core/errors.ts'
import { sleep } from '../core/clock.ts'
import { systemClock } from '../platform/system-clock.ts'
import type { Io } from './io.ts'
import { styleOf, widthOf } from './io.ts'
import { keyPresses } from './key-presses.ts'
import { ratesBetween } from './rates.ts'
import { askState } from './status-answer.ts'
import type { AgentState } from './status-answer.ts'
import { statusLines } from './status-tables.ts'

const everyMs = 1000

/** Another screen, without a cursor; what stood in the terminal before comes back at the end. */
const enterScreen = '\x1b[?1049h\x1b[?25l'
const leaveScreen = '\x1b[?25h\x1b[?1049l'
const home = '\x1b[H'
const clearToEnd = '\x1b[J'
const clearLine = '\x1b[K'

export interface TopOptions {
  readonly dataDir: string
  readonly io: Io
  /** Looks twice and prints one table. */
  readonly isOnce: boolean
  readonly redact: (text: string) => string
}

interface Look {
  readonly state: AgentState
  readonly atMs: number
}

/** Until q, Ctrl-C or a signal; with `isOnce` until the second look. Rejects where no agent runs at the beginning. */
export async function runTop({ dataDir, io, isOnce, redact }: TopOptions): Promise<void> {
  const look = async (): Promise<Look> => ({ state: await askState(dataDir), atMs: systemClock.monotonic() })
  let before = await look()
  if (isOnce) {
    await sleep(systemClock, everyMs)
    io.stdout.write(`${redact(linesOf(before, await look(), io).join('\n'))}\n`)
    return
  }
  const keys = keyPresses(io)
  io.stdout.write(enterScreen)
  try {
    while (!keys.signal.aborted) {
      await sleep(systemClock, everyMs, keys.signal)
      if (keys.signal.aborted) return
      const now = await look().catch(troubleOf)
      io.stdout.write(screenOf('state' in now ? linesOf(before, now, io) : now.lines, io, redact))
      if ('state' in now) before = now
    }
  } finally {
    io.stdout.write(leaveScreen)
    keys.stop()
  }
}

function linesOf(before: Look, now: Look, io: Io): string[] {
  const seconds = (now.atMs - before.atMs) / 1000
  const rates = ratesBetween(before.state.status.ledger, now.state.status.ledger, seconds)
  const { isTTY, rows = 24 } = io.stdout
  return statusLines(now.state, {
    width: widthOf(io.stdout),
    style: styleOf(io.stdout, io.env),
    rates,
    // What is left of the screen, without an empty line, their heads, the line that says how many more there are, and the last.
    mostFiles: (linesAbove) => (isTTY === true ? rows - linesAbove - 4 : 10),
  })
}

/** A restart takes the agent away for a while: that is said, and the next look tries again. */
function troubleOf(error: unknown): { readonly lines: readonly string[] } {
  if (!(error instanceof AgentError)) throw error
  return { lines: [`${error.message}; trying again…`] }
}

function screenOf(lines: readonly string[], { stdout }: Io, redact: (text: string) => string): string {
  const fitting = lines.slice(0, Math.max(1, (stdout.rows ?? 24) - 1))
  return home + fitting.map((line) => `${redact(line)}${clearLine}\r\n`).join('') + clearToEnd
}
