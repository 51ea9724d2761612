import type { Batch } from './batch.ts'

/** Why a request was given up from outside. */
export type Cancellation = 'stopped' | 'skipped'

/** One batch on its way: from encoding to the last of its events being settled or handed back. */
export class Flight {
  readonly batch: Batch
  readonly #listeners = new Set<() => void>()
  #controller: AbortController | undefined
  #cancelled: Cancellation | undefined

  constructor(batch: Batch) {
    this.batch = batch
  }

  /** Made when it is asked for, which most flights never need: with two listeners it took 10 us of a request, two callbacks take 1. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#cancelled) this.#controller.abort()
    return this.#controller.signal
  }

  get cancelled(): Cancellation | undefined {
    return this.#cancelled
  }

  /** Calls `listener` when it is cancelled from now on; returns how to forget it. */
  onCancel(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  cancel(why: Cancellation): void {
    if (this.#cancelled) return
    this.#cancelled = why
    for (const listener of this.#listeners) listener()
    this.#controller?.abort()
  }
}
