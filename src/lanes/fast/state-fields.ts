import type { Kernel } from '../../kernel/kernel.ts'

/** The fields of 32 bits of a stretch of the kernel's memory (`kernel/wasm/lane-state.ts`). */
export class StateFields {
  readonly #kernel: Kernel
  readonly #at: number

  constructor(kernel: Kernel, at: number) {
    this.#kernel = kernel
    this.#at = at
  }

  get(field: number): number {
    return this.#kernel.bytes.readUInt32LE(this.#at + field)
  }

  set(field: number, value: number): void {
    this.#kernel.bytes.writeUInt32LE(value, this.#at + field)
  }
}
