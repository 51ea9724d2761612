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
  #atMs = 0

  constructor(read: ReadLetters, clock: Clock) {
    this.#read = read
    this.#clock = clock
  }

  async answer(): Promise<Answer> {
    const nowMs = this.#clock.monotonic()
    if (!this.#last || nowMs - this.#atMs > limits.pageLettersMs) {
      this.#last = this.#read()
      this.#atMs = nowMs
    }
    try {
      return json(200, await this.#last)
    } catch (error) {
      // A disk that failed may read again at the next question.
      this.#last = undefined
      throw error
    }
  }
}
