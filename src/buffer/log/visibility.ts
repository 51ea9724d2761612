import type { LogSync } from './log-sync.ts'
import type { Written } from './log-writer.ts'

interface Pending {
  readonly written: Written
  readonly mustBeSynced: boolean
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Which records cursors may see. In order, so that the first record of a generation holds back what follows it. */
export class Visibility {
  /** Cursors see records up to here. */
  sequence: number
  readonly #sync: LogSync
  readonly #listeners = new Set<() => void>()
  #pending: Pending[] = []

  constructor(sync: LogSync, sequence: number) {
    this.#sync = sync
    this.sequence = sequence
  }

  /** Records that are written and not yet to be seen. */
  get hidden(): number {
    return this.#pending.length
  }

  /** Resolves once the record is visible. */
  add(written: Written, mustBeSynced: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ written, mustBeSynced, resolve, reject })
      this.publish()
    })
  }

  /** Shows what may be shown by now. */
  publish(): void {
    let shown = 0
    for (const { written, mustBeSynced, resolve } of this.#pending) {
      const { record, segment, end } = written
      if (mustBeSynced && this.#sync.syncedSequence < record.sequence) break
      shown += 1
      this.sequence = record.sequence
      // Less than before: the segment failed and was cut; its records are in another one, which shows them all.
      if (end <= segment.size) segment.end = Math.max(segment.end, end)
      resolve()
    }
    if (shown === 0) return
    this.#pending = this.#pending.slice(shown)
    for (const listener of this.#listeners) listener()
  }

  /** At a close that could not sync: nobody may be told that these are safe. The next start says whether they are. */
  stop(error: Error): void {
    for (const { reject } of this.#pending) reject(error)
    this.#pending = []
  }

  /** Calls `listener` whenever there is more to see. Returns how to stop that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
