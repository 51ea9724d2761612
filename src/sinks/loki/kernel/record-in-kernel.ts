import type { StoredEvent, StoredRecord } from '../../../buffer/buffer.ts'
import { GrowingRegion } from '../../../kernel/growing-region.ts'
import type { Kernel } from '../../../kernel/kernel.ts'

/** The kernel gives no memory back, and records of a read have some 400 KiB: only joined lines make larger ones. */
const mostBytes = 4 * 1024 ** 2

/** The one record that lies in the kernel's memory: events come in runs of one record. */
export class RecordInKernel {
  readonly #kernel: Kernel
  readonly #region: GrowingRegion
  #record: StoredRecord | undefined
  #at = 0
  #end = 0

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#region = new GrowingRegion(kernel)
  }

  /** Where it begins. */
  get at(): number {
    return this.#at
  }

  get end(): number {
    return this.#end
  }

  /** Brings in the event's record, unless it is there (20 to 50 us for 256 KiB); false if it is too large for that. */
  load(event: StoredEvent): boolean {
    if (this.#record === event.record) return true
    const bytes = event.bytes
    if (bytes.length > mostBytes) return false
    this.#at = this.#region.of(bytes.length)
    this.#end = this.#at + bytes.length
    this.#kernel.bytes.set(bytes, this.#at)
    this.#record = event.record
    return true
  }
}
