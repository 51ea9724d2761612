/** Wakes one waiter; a ring while nobody waits is kept for the next. */
export class Bell {
  #hasRung = false
  #answer: (() => void) | undefined

  ring(): void {
    this.#hasRung = true
    this.#answer?.()
  }

  async wait(): Promise<void> {
    if (!this.#hasRung)
      await new Promise<void>((resolve) => {
        this.#answer = resolve
      })
    this.#answer = undefined
    this.#hasRung = false
  }
}
