import { sleep } from '../../core/clock.ts'
import type { Clock } from '../../core/clock.ts'
import { limits } from '../../core/limits.ts'
import type { SinkStatus } from '../../telemetry/view.ts'

/** How the sink does with what is new. */
export type LiveState = Pick<SinkStatus, 'state' | 'lagSeconds'>

const lookAgainMs = 250

/** What is new goes first: a replay waits while its sink takes nothing, or is behind with what is new. */
export class Pace {
  readonly #clock: Clock
  readonly #live: () => LiveState
  readonly #stopped: AbortSignal
  #waitsFor: string | undefined

  constructor(clock: Clock, live: () => LiveState, stopped: AbortSignal) {
    this.#clock = clock
    this.#live = live
    this.#stopped = stopped
  }

  /** For people; undefined while it waits for nothing. */
  get waitsFor(): string | undefined {
    return this.#waitsFor
  }

  /** Resolves when the next request may be made, or once the replay is stopped. */
  async turn(): Promise<void> {
    while (!this.#stopped.aborted) {
      this.#waitsFor = reasonToWait(this.#live())
      if (this.#waitsFor === undefined) return
      await sleep(this.#clock, lookAgainMs, this.#stopped)
    }
  }
}

function reasonToWait({ state, lagSeconds }: LiveState): string | undefined {
  if (state !== 'ok') return `the sink is ${state}`
  if (lagSeconds * 1000 <= limits.replayLagMs) return undefined
  return `what is new goes first, and is ${Math.round(lagSeconds)} s behind`
}
