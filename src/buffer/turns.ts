/** Lets one caller in at a time, in the order of their calls. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  run<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(action)
    this.#last = result.catch(() => {})
    return result
  }

  /** Resolves once all that was asked for so far is done. */
  async idle(): Promise<void> {
    await this.#last
  }
}
