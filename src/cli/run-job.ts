import { z } from 'zod'
import type { Cancel } from '../core/clock.ts'
import { AgentError } from '../core/errors.ts'
import { escapeControls } from '../core/terminal-text.ts'
import { systemClock } from '../platform/system-clock.ts'
import { postToAgent } from './ask-agent.ts'
import type { Io } from './io.ts'
import { linesOf } from './lines-of.ts'

export interface JobCall<Progress extends z.ZodType> {
  readonly dataDir: string
  readonly path: string
  readonly asked: object
  readonly io: Io
  /** What the agent says of how far it is; its result has the same, and how it ended. */
  readonly progress: Progress
  /** One line for a terminal. */
  readonly show: (progress: z.output<Progress>) => string
}

export interface JobResult<Progress> {
  readonly progress: Progress
  readonly isCancelled: boolean
}

/** After Ctrl-C the agent has this long to say how far it came. */
const patienceMs = 10_000

const clearLine = '\r\u001b[K'

const lineSchema = z.object({
  job: z.string().optional(),
  progress: z.unknown().optional(),
  result: z.object({ ended: z.string() }).loose().optional(),
  problem: z.string().optional(),
})

/**
 * Has the agent do something that takes a while. Shows how far it is where a person looks on; Ctrl-C asks the agent to end it.
 * Throws an AgentError where it cannot be asked, says no, or fails.
 */
export async function runJob<Progress extends z.ZodType>(
  call: JobCall<Progress>,
): Promise<JobResult<z.output<Progress>>> {
  const { dataDir, path, asked, io, progress, show } = call
  const gone = new AbortController()
  const meter = new Meter(io)
  const interrupt = new Interrupt(dataDir, gone)
  try {
    const parts = await postToAgent(dataDir, path, { asked, signal: gone.signal })
    for await (const text of linesOf(parts)) {
      if (text === '') continue
      const line = lineSchema.parse(JSON.parse(text))
      if (line.job !== undefined) interrupt.begun(line.job)
      if (line.problem !== undefined) throw AgentError.of('job_failed', { reason: line.problem })
      if (line.result)
        return { progress: progress.parse(line.result), isCancelled: line.result.ended === 'cancelled' }
      if (line.progress !== undefined) meter.show(show(progress.parse(line.progress)))
    }
    throw AgentError.of('job_cut_off', { path: dataDir })
  } finally {
    meter.clear()
    interrupt.stop()
  }
}

/** One line that is written over, on a terminal. */
class Meter {
  readonly #io: Io
  #isShown = false

  constructor(io: Io) {
    this.#io = io
  }

  show(text: string): void {
    const { stderr } = this.#io
    if (stderr.isTTY !== true) return
    this.#isShown = true
    stderr.write(`${clearLine}${escapeControls(text).slice(0, (stderr.columns ?? 80) - 1)}`)
  }

  clear(): void {
    if (this.#isShown) this.#io.stderr.write(clearLine)
    this.#isShown = false
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The first signal asks the agent to end the job, a second one ends this process: the job ends with its reader. */
class Interrupt {
  readonly #dataDir: string
  readonly #gone: AbortController
  #job: string | undefined
  #isAsked = false
  #cancelPatience: Cancel | undefined

  constructor(dataDir: string, gone: AbortController) {
    this.#dataDir = dataDir
    this.#gone = gone
    for (const name of signals) process.once(name, this.#onSignal)
  }

  begun(job: string): void {
    this.#job = job
    if (this.#isAsked) this.#cancel()
  }

  stop(): void {
    for (const name of signals) process.off(name, this.#onSignal)
    this.#cancelPatience?.()
  }

  readonly #onSignal = (): void => {
    for (const name of signals) process.off(name, this.#onSignal)
    this.#isAsked = true
    this.#cancel()
  }

  #cancel(): void {
    this.#cancelPatience ??= systemClock.after(patienceMs, () => this.#gone.abort())
    if (this.#job === undefined) return
    const { signal } = this.#gone
    void postToAgent(this.#dataDir, '/jobs/cancel', { asked: { job: this.#job }, signal }).then(
      () => undefined,
      () => this.#gone.abort(),
    )
  }
}
