import type { Clock } from '../../core/clock.ts'
import { retryDelayMs } from './backoff.ts'
import type { BackoffRange } from './backoff.ts'

export interface Failure {
  /** Nobody could get through (network, 5xx, hold of whole requests); otherwise other batches may still pass. */
  readonly isWholeSink: boolean
  readonly retryAfterMs: number | undefined
  /** From [0, 1): the same draw as for the batch's own backoff, or two draws would add up to no full jitter. */
  readonly jitter: number
}

/**
 * Whether the sink as a whole takes requests. While it does not, one request at a time probes it, with a backoff that
 * grows by rounds: max_in_flight requests that fail together are one round. Each probe is another batch if there is
 * one, so that a batch that never passes does not stand for the sink.
 */
export class Gate {
  readonly #clock: Clock
  readonly #range: BackoffRange
  #round = 0
  #failures = 0
  #untilMs = 0
  #sinceMs: number | undefined
  #inRound = 0
  #isWholeSink = false
  #blocks = 0
  #blockedMs: number | undefined

  constructor(clock: Clock, range: BackoffRange) {
    this.#clock = clock
    this.#range = range
  }

  get isFailing(): boolean {
    return this.failingSinceMs !== undefined
  }

  get isWholeSink(): boolean {
    return this.isBlocked || (this.isFailing && this.#isWholeSink)
  }

  /** Closed by `block`, for something that is not the sink's to mend. */
  get isBlocked(): boolean {
    return this.#blocks > 0
  }

  /** Monotonic ms since when nothing has passed. */
  get failingSinceMs(): number | undefined {
    return this.#sinceMs ?? this.#blockedMs
  }

  /** Ms until the next request may start, 0 for now; undefined while a probe is on its way or a block holds. */
  get waitMs(): number | undefined {
    if (this.isBlocked) return undefined
    if (this.#sinceMs === undefined) return 0
    if (this.#inRound > 0) return undefined
    return Math.max(0, this.#untilMs - this.#clock.monotonic())
  }

  /** Returns the round, to be handed to `ended`. */
  started(): number {
    this.#inRound += 1
    return this.#round
  }

  /** A request is over: it passed, it failed, or it says nothing about the sink (undefined). */
  ended(round: number, verdict: 'passed' | Failure | undefined): void {
    if (round === this.#round) this.#inRound -= 1
    if (verdict === 'passed') {
      this.#failures = 0
      this.#sinceMs = undefined
    } else if (verdict && round === this.#round) {
      this.#fail(verdict)
    }
  }

  /** Nothing starts until `unblock` is called as often. */
  block(): void {
    this.#blocks += 1
    this.#blockedMs ??= this.#clock.monotonic()
  }

  unblock(): void {
    this.#blocks -= 1
    if (this.#blocks === 0) this.#blockedMs = undefined
  }

  #fail(failure: Failure): void {
    const nowMs = this.#clock.monotonic()
    this.#sinceMs ??= nowMs
    this.#isWholeSink = failure.isWholeSink
    this.#failures += 1
    this.#round += 1
    this.#inRound = 0
    this.#untilMs = nowMs + retryDelayMs(this.#failures, this.#range, failure.jitter, failure.retryAfterMs)
  }
}
