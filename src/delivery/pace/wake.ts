/** Lets one loop sleep until something changed. A `notify` without a sleeper is forgotten: check the condition first. */
export class Wake {
  #sleepers: (() => void)[] = []

  wait(): Promise<void> {
    return new Promise((resolve) => this.#sleepers.push(resolve))
  }

  notify(): void {
    const sleepers = this.#sleepers
    this.#sleepers = []
    for (const resolve of sleepers) resolve()
  }
}
