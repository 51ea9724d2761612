import type { DeadLetter } from '../../delivery/letters/dead-letter.ts'

/** Events that were refused for good, by reason, with the server's last text for each: the reasons are a fixed table. */
export class Refusals {
  readonly #reasons = new Map<string, { events: number; text: string }>()
  #events = 0

  get events(): number {
    return this.#events
  }

  add(letters: readonly Pick<DeadLetter, 'reason' | 'text'>[]): void {
    for (const { reason, text } of letters) {
      const known = this.#reasons.get(reason)
      this.#reasons.set(reason, { events: (known?.events ?? 0) + 1, text })
    }
    this.#events += letters.length
  }

  toJson(): object {
    return Object.fromEntries(this.#reasons)
  }
}
