import type { Buffer } from 'node:buffer'
import { ByteWriter } from './byte-writer.ts'

export interface WriterPoolOptions {
  /** A new writer's room. Untouched pages cost nothing. */
  readonly newBytes: number
  /** So many are kept while nobody uses them, and none that grew beyond `mostBytes`. */
  readonly mostFree: number
  readonly mostBytes: number
}

/**
 * Byte writers that are used again: bodies and answers of megabytes wait for the garbage collector otherwise. What was written
 * is lent out, and given back by its bytes; what is never given back costs nothing but its memory.
 */
export class WriterPool {
  readonly #options: WriterPoolOptions
  readonly #free: ByteWriter[] = []
  readonly #lent = new WeakMap<ArrayBufferLike, ByteWriter>()

  constructor(options: WriterPoolOptions) {
    this.#options = options
  }

  /** An empty one. */
  take(): ByteWriter {
    return this.#free.pop() ?? new ByteWriter(this.#options.newBytes)
  }

  /** What the writer holds, good until it is released. */
  lend(writer: ByteWriter): Buffer {
    const bytes = writer.view()
    this.#lent.set(bytes.buffer, writer)
    return bytes
  }

  /** Nobody reads these bytes any more. Those of somebody else, or a second time, are left alone. */
  release(bytes: Uint8Array): void {
    const writer = this.#lent.get(bytes.buffer)
    if (!writer) return
    this.#lent.delete(bytes.buffer)
    this.keep(writer)
  }

  /** A writer that was taken and is not lent. */
  keep(writer: ByteWriter): void {
    writer.clear()
    const { mostFree, mostBytes } = this.#options
    if (this.#free.length < mostFree && writer.bytes.length <= mostBytes) this.#free.push(writer)
  }
}
