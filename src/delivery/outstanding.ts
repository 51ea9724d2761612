import type { StoredRecord } from '../buffer/buffer.ts'

/** What is still open of one record of the buffer. All items of the record share it. */
export interface Ticket {
  readonly sequence: number
  readonly stretch: Stretch
  open: number
  /** drop_oldest took the record away: whatever is still answered about it is too late. */
  isSkipped: boolean
}

interface Stretch {
  open: number
  done: (() => void) | undefined
}

/** Every event that was read from the buffer and is not settled yet. Exact at every moment: `settled` rests on it. */
export class Outstanding {
  readonly #tickets = new Map<number, Ticket>()
  readonly #unfinished = new Set<Promise<void>>()
  #stretch: Stretch = { open: 0, done: undefined }
  #count = 0

  get count(): number {
    return this.#count
  }

  take(record: StoredRecord, events: number): Ticket {
    const ticket: Ticket = {
      sequence: record.sequence,
      stretch: this.#stretch,
      open: events,
      isSkipped: false,
    }
    this.#tickets.set(record.sequence, ticket)
    this.#stretch.open += events
    this.#count += events
    return ticket
  }

  /** Settled: an item, or all events of a run. */
  done({ ticket, count }: { readonly ticket: Ticket; readonly count: number }): void {
    if (ticket.isSkipped) return
    ticket.open -= count
    if (ticket.open === 0) this.#tickets.delete(ticket.sequence)
    this.#subtract(ticket.stretch, count)
  }

  /** Forgets these records; returns whether any of their events was still open. */
  skip(records: readonly StoredRecord[]): boolean {
    let wasOpen = false
    for (const { sequence } of records) {
      const ticket = this.#tickets.get(sequence)
      if (!ticket) continue
      wasOpen = true
      ticket.isSkipped = true
      this.#tickets.delete(sequence)
      this.#subtract(ticket.stretch, ticket.open)
    }
    return wasOpen
  }

  /** Resolves once all that was taken before this call is done; what is taken later does not hold it up. */
  async cut(): Promise<void> {
    const stretch = this.#stretch
    if (stretch.open > 0) {
      this.#stretch = { open: 0, done: undefined }
      const done = new Promise<void>((resolve) => {
        stretch.done = () => {
          this.#unfinished.delete(done)
          resolve()
        }
      })
      this.#unfinished.add(done)
    }
    await Promise.all(this.#unfinished)
  }

  #subtract(stretch: Stretch, events: number): void {
    this.#count -= events
    stretch.open -= events
    if (stretch.open === 0) stretch.done?.()
  }
}
