import type { Clock } from '../core/clock.ts'
import type { AgentView } from '../telemetry/view.ts'

const windowMs = 3600_000
const sampleEveryMs = 30_000

interface Loss {
  readonly atMs: number
  readonly bytes: number
}

/**
 * Remembers for an hour that bytes were lost, because the counters only say that they were lost at some time. It looks
 * by itself twice a minute, so that health does not depend on how often somebody asks. What it saw first is the ground:
 * losses of earlier runs are no news.
 */
export class LossWindow {
  readonly #view: AgentView
  readonly #clock: Clock
  readonly #seen = new Map<string, number>()
  readonly #losses = new Map<string, Loss[]>()
  #cancel: () => void = () => {}

  constructor(view: AgentView, clock: Clock) {
    this.#view = view
    this.#clock = clock
    const before = view.lostBytesAtStart?.() ?? totals(view)
    for (const [source, bytes] of before) this.#seen.set(source, bytes)
    this.#sampleAgain()
  }

  /** Bytes lost in the last hour, by source; sources without a loss are left out. */
  recent(): ReadonlyMap<string, number> {
    this.#sample()
    return new Map(
      [...this.#losses].map(([source, losses]) => [
        source,
        losses.reduce((sum, loss) => sum + loss.bytes, 0),
      ]),
    )
  }

  stop(): void {
    this.#cancel()
  }

  #sampleAgain(): void {
    this.#cancel = this.#clock.after(sampleEveryMs, () => {
      this.#sample()
      this.#sampleAgain()
    })
  }

  #sample(): void {
    const atMs = this.#clock.monotonic()
    for (const [source, bytes] of totals(this.#view)) {
      const grown = bytes - (this.#seen.get(source) ?? 0)
      this.#seen.set(source, bytes)
      if (grown > 0) this.#remember(source, { atMs, bytes: grown })
    }
    for (const [source, losses] of this.#losses) {
      const kept = losses.filter((loss) => atMs - loss.atMs <= windowMs)
      if (kept.length > 0) this.#losses.set(source, kept)
      else this.#losses.delete(source)
    }
  }

  /** Losses close in time become one, so that a source that loses all the time keeps a bounded list. */
  #remember(source: string, loss: Loss): void {
    const losses = this.#losses.get(source) ?? []
    const last = losses.at(-1)
    if (last && loss.atMs - last.atMs < sampleEveryMs) {
      losses[losses.length - 1] = { atMs: last.atMs, bytes: last.bytes + loss.bytes }
    } else {
      losses.push(loss)
    }
    this.#losses.set(source, losses)
  }
}

function totals(view: AgentView): Map<string, number> {
  return new Map(
    view
      .sources()
      .map(({ name, counts }) => [
        name,
        Object.values(counts.lostBytes).reduce((sum, bytes) => sum + bytes, 0),
      ]),
  )
}
