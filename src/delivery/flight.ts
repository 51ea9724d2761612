import type { Batch } from './batch.ts'

/** Why a request was given up from outside. */
export type Cancellation = 'stopped' | 'skipped'

/** One batch on its way: from encoding to the last of its events being settled or handed back. */
export class Flight {
  readonly batch: Batch
  readonly #controller = new AbortController()
  #cancelled: Cancellation | undefined

  constructor(batch: Batch) {
    this.batch = batch
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get cancelled(): Cancellation | undefined {
    return this.#cancelled
  }

  cancel(why: Cancellation): void {
    if (this.#cancelled) return
    this.#cancelled = why
    this.#controller.abort()
  }
}
