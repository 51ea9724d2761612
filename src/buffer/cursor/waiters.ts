/** Those who wait until something is true that only changes while others work. */
export class Waiters {
  readonly #looks = new Set<() => void>()

  /** Resolves once `isTrue`, or when `signal` aborts. */
  async until(isTrue: () => boolean, signal: AbortSignal): Promise<void> {
    if (signal.aborted || isTrue()) return
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!signal.aborted && !isTrue()) return
        this.#looks.delete(look)
        signal.removeEventListener('abort', look)
        resolve()
      }
      this.#looks.add(look)
      signal.addEventListener('abort', look)
    })
  }

  /** Something has changed. */
  look(): void {
    for (const look of this.#looks) look()
  }
}
