import type { StoredRecord } from '../../../buffer/buffer.ts'
import type { Kernel } from '../../../kernel/kernel.ts'
import { sharedPart } from '../field.ts'
import type { Stream } from '../labels/streams.ts'
import { mostNumbers } from './deal-job.ts'

/** Kinds of records beyond this are forgotten, and with them the streams. */
const mostKinds = 10_000

/** The numbers by which the kernel knows streams, and kinds of records. */
export class StreamNumbers {
  readonly #kernel: Kernel
  readonly #names: readonly string[]
  readonly #numbers = new Map<Stream, number>()
  /** By number; there is no 0. */
  readonly #streams: (Stream | undefined)[] = [undefined]
  readonly #kinds = new Map<string, number>()
  #lastRecord: StoredRecord | undefined
  #lastKind = 0
  #isOutdated = false

  constructor(kernel: Kernel, names: readonly string[]) {
    this.#kernel = kernel
    this.#names = names
  }

  /** Before a record is dealt: numbers that were given out stay good until the next one. */
  begin(): void {
    if (!this.#isOutdated && this.#streams.length < mostNumbers / 2 && this.#kinds.size < mostKinds) return
    this.#kernel.functions.forgetStreams()
    this.#isOutdated = false
    this.#numbers.clear()
    this.#streams.length = 1
    this.#kinds.clear()
    this.#lastRecord = undefined
  }

  /** The same values may come to other streams from now on. */
  forget(): void {
    this.#kernel.functions.forgetStreams()
    this.#isOutdated = true
  }

  /** 0 if there are too many. */
  of(stream: Stream): number {
    const known = this.#numbers.get(stream)
    if (known !== undefined) return known
    if (this.#streams.length >= mostNumbers) return 0
    const number = this.#streams.push(stream) - 1
    this.#numbers.set(stream, number)
    return number
  }

  streamOf(number: number): Stream {
    return this.#streams[number]!
  }

  /** Records of one kind give the same labels for the same values. */
  kindOf(record: StoredRecord): number {
    if (record === this.#lastRecord) return this.#lastKind
    const text = JSON.stringify(this.#names.map((name) => sharedPart(record, name)))
    const kind = this.#kinds.get(text) ?? this.#kinds.size
    this.#kinds.set(text, kind)
    this.#lastRecord = record
    this.#lastKind = kind
    return kind
  }
}
