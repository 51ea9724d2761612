import type { Kernel } from '../../kernel/kernel.ts'

/** Answers for texts that the kernel meets again and again. Hostile lines bring ever new ones: a full memo begins anew. */
export class Memo {
  readonly address: number
  readonly #kernel: Kernel
  readonly #slots: number
  readonly #textBytes: number

  /** `slots` is a power of 2; half of them are used. */
  constructor(kernel: Kernel, slots: number, textBytes: number) {
    this.#kernel = kernel
    this.#slots = slots
    this.#textBytes = textBytes
    this.address = kernel.reserve(kernel.functions.memoBytes(slots, textBytes))
    this.clear()
  }

  /** Remembers the answer to the text that stands in the kernel's memory. False for a text that is too long for that. */
  add(at: number, length: number, answer: number): boolean {
    if (this.#add(at, length, answer)) return true
    this.clear()
    return this.#add(at, length, answer)
  }

  #add(at: number, length: number, answer: number): boolean {
    return this.#kernel.functions.memoAdd(this.address, at, length, answer) !== 0
  }

  clear(): void {
    this.#kernel.functions.memoClear(this.address, this.#slots, this.#textBytes)
  }
}
