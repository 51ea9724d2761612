import { Buffer } from 'node:buffer'
import type { Kernel } from '../../kernel/kernel.ts'

/** Writes small pieces into a kernel's memory, each for as long as the kernel lives. */
export class KernelWords {
  readonly kernel: Kernel

  constructor(kernel: Kernel) {
    this.kernel = kernel
  }

  /** Words of 32 bits; returns where they begin. */
  words(words: readonly number[]): number {
    const at = this.kernel.reserve(words.length * 4)
    words.forEach((word, index) => this.kernel.bytes.writeUInt32LE(word, at + index * 4))
    return at
  }

  /** Address and length of the text's bytes. */
  text(text: string): [at: number, length: number] {
    const bytes = Buffer.from(text)
    const at = this.kernel.reserve(bytes.length)
    this.kernel.bytes.set(bytes, at)
    return [at, bytes.length]
  }
}
