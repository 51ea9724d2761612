import type { Clock } from '../../core/clock.ts'
import { limits } from '../../core/limits.ts'
import { json } from '../answer.ts'
import type { Answer } from '../answer.ts'

/** Looks at the newest dead letters: groups of them with what to do, and some whole. */
export type ReadLetters = () => Promise<object>

/** Dead letters for the page. It reads files: one look at a time, and no more often than `limits.pageLettersMs`. */
export class LettersRoute {
  readonly #read: ReadLetters
  readonly #clock: Clock
  #last: Promise<object> | undefined
  /** When it ended; while it goes on nobody begins another, however long a disk hangs. */
  #endedMs = 0

  constructor(read: ReadLetters, clock: Clock) {
    this.#read = read
    this.#clock = clock
  }

  async answer(): Promise<Answer> {
    if (!this.#last || this.#clock.monotonic() - this.#endedMs > limits.pageLettersMs) {
      this.#endedMs = Infinity
      this.#last = this.#read().finally(() => (this.#endedMs = this.#clock.monotonic()))
    }
    const look = this.#last
    try {
      return json(200, await look)
    } catch (error) {
      // A disk that failed may read again at the next question.
      if (this.#last === look) this.#last = undefined
      throw error
    }
  }
}
