import type { StoredEvent, StoredRecord } from '../buffer/buffer.ts'

/**
 * Which event something was made for last. By its place and not by its object: views are turned to other events once
 * theirs are settled (`StoredRecord.event`), and one event's document would be taken for another's.
 */
export class LastEvent {
  #record: StoredRecord | undefined
  #index = -1

  /** True if it was asked about this event last; from now on it was. */
  is(event: StoredEvent): boolean {
    const { record, index } = event
    if (record === this.#record && index === this.#index) return true
    this.#record = record
    this.#index = index
    return false
  }
}
