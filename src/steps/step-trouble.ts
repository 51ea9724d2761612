/** What went wrong in the steps of one source since its lane was made. */
export interface StepTroubles {
  readonly errors: number
  /** Where the last one was and what it said; '' for none. Holds nothing of the line. */
  readonly last: string
}

/**
 * Counts conditions that could not be evaluated and patterns that took too long. A line that is wrong for a step is
 * usual, and so it is no log message: it is counted here and shown by `/status`, `/metrics` and `logferry test`.
 */
export class StepTrouble {
  readonly #counter: { errors: number; last: string }
  readonly #place: string

  constructor(counter: { errors: number; last: string }, place: string) {
    this.#counter = counter
    this.#place = place
  }

  add(what: string): void {
    this.#counter.errors++
    this.#counter.last = `${this.#place}: ${what}`
  }
}
