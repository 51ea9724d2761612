/** A small linear generator: the same lines on every machine, so that figures compare. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** From 0 up to, but not including, 1. */
  next(): number {
    this.#state = (this.#state * 1_664_525 + 1_013_904_223) >>> 0
    return this.#state / 2 ** 32
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  chance(share: number): boolean {
    return this.next() < share
  }

  pick<Item>(list: readonly Item[]): Item {
    return list[this.below(list.length)]!
  }

  hex(digits: number): string {
    let text = ''
    while (text.length < digits) {
      text += this.below(2 ** 32)
        .toString(16)
        .padStart(8, '0')
    }
    return text.slice(0, digits)
  }
}
