import type { StoredEvent, StoredRecord } from '../../buffer/buffer.ts'

/** How many 429 in a row a request got, by its first event: that stays the same while nothing of it is taken. */
export class Throttled {
  readonly #counts = new WeakMap<StoredRecord, Map<number, number>>()
  /** Until the first 429 nobody need look for the first event of each push. */
  #isAny = false

  /** Notes an answer; returns how many 429 in a row it makes. */
  note(firstOf: () => StoredEvent | undefined, status: number): number {
    this.#isAny ||= status === 429
    const first = this.#isAny ? firstOf() : undefined
    if (!first) return 0
    const { record, index } = first
    const counts = this.#counts.get(record)
    if (status !== 429) {
      counts?.delete(index)
      return 0
    }
    const count = (counts?.get(index) ?? 0) + 1
    if (counts) counts.set(index, count)
    else this.#counts.set(record, new Map([[index, count]]))
    return count
  }
}
