import type { Cancel, Clock } from '../../core/clock.ts'
import { AgentError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Job, JobOutput } from './job.ts'

/** Whoever asked sees that it goes on, and a connection on which nothing moves is let go. */
const progressMs = 1_000

interface Running {
  readonly id: string
  readonly job: Job
  readonly startedAtMs: number
  readonly stopping: AbortController
  readonly done: Promise<void>
}

/**
 * One job at a time: two replays would only be in each other's way, and a purge in that of a replay of dead letters. A line of
 * JSON each second, `{"progress":{…}}`, and a last one: `{"result":{…}}`, or `{"problem":"…"}` for one that failed. The
 * first says how it is called by who wants to end it: `{"job":"1"}`.
 */
export class JobDesk {
  readonly #clock: Clock
  readonly #log: Log
  #running: Running | undefined
  #begun = 0
  #isClosed = false

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  /** Why nothing can be begun now, for people; undefined where it can. */
  get busy(): string | undefined {
    if (this.#isClosed) return 'the agent is stopping'
    if (!this.#running) return undefined
    const { job, startedAtMs } = this.#running
    const since = new Date(startedAtMs).toISOString()
    return `${job.title} is going on since ${since}: wait for its end, or stop it with Ctrl-C where it was begun`
  }

  /** Ends the job when the output's reader leaves. */
  start(job: Job, out: JobOutput): { close(): void } {
    const { busy } = this
    if (busy !== undefined) {
      // Two asked in the same moment.
      out.write(`${JSON.stringify({ problem: busy })}\n`)
      out.end()
      return { close: () => {} }
    }
    const stopping = new AbortController()
    this.#begun += 1
    const id = String(this.#begun)
    out.write(`${JSON.stringify({ job: id })}\n`)
    const done = this.#run(job, out, stopping.signal)
    this.#running = { id, job, startedAtMs: this.#clock.now(), stopping, done }
    return { close: () => stopping.abort() }
  }

  /** Asks the job to end; false where it is over. Its last line says how far it came. */
  cancel(id: string): boolean {
    if (this.#running?.id !== id) return false
    this.#running.stopping.abort()
    return true
  }

  /** Ends what goes on, for good. */
  async stop(): Promise<void> {
    this.#isClosed = true
    this.#running?.stopping.abort()
    await this.#running?.done
  }

  async #run(job: Job, out: JobOutput, signal: AbortSignal): Promise<void> {
    let cancelTimer: Cancel | undefined
    const tell = (): void => {
      out.write(`${JSON.stringify({ progress: job.progress() })}\n`)
      cancelTimer = this.#clock.after(progressMs, tell)
    }
    this.#log.info({ job: job.title }, 'a command has begun a job')
    // In a turn of its own: until then the desk does not know that it runs.
    await Promise.resolve()
    tell()
    const last = await this.#last(job, signal)
    cancelTimer?.()
    this.#running = undefined
    this.#log.info({ job: job.title, ended: last.ended }, 'the job of a command has ended')
    out.write(`${JSON.stringify(last.line)}\n`)
    out.end()
  }

  async #last(job: Job, signal: AbortSignal): Promise<{ readonly ended: string; readonly line: object }> {
    try {
      const result = await job.run(signal)
      const ended = signal.aborted ? 'cancelled' : 'done'
      return { ended, line: { result: { ...result, ended } } }
    } catch (error) {
      return { ended: 'failed', line: { problem: AgentError.textOf(error), progress: job.progress() } }
    }
  }
}
