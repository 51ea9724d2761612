import type { StoredEvent, StoredRecord } from '../../../buffer/buffer.ts'
import type { Kernel } from '../../../kernel/kernel.ts'
import { isMemberName, sharedPart } from '../field.ts'
import { mostFields, writeFields } from './field-list.ts'
import type { RecordInKernel } from './record-in-kernel.ts'

/** Kinds of records beyond this are forgotten, and with them the streams. */
const mostKinds = 10_000

/**
 * Streams by the values of the fields that their labels are made of, found by the kernel in the bytes of the line. What a
 * stream is stays the caller's: one that isn't known is made of texts once, and remembered for the next event.
 */
export class KnownStreams<Stream> {
  readonly #kernel: Kernel
  readonly #record: RecordInKernel
  readonly #names: readonly string[]
  readonly #fields: number
  readonly #streams: Stream[] = []
  readonly #kinds = new Map<string, number>()
  #lastRecord: StoredRecord | undefined
  #lastKind = 0
  /** The kernel was asked, and has the values. */
  #mayLearn = false

  /** `names` are those of all the labels' fields: `canFind` must say that the kernel can find them. */
  constructor(kernel: Kernel, record: RecordInKernel, names: readonly string[]) {
    this.#kernel = kernel
    this.#record = record
    this.#names = names
    this.#fields = writeFields(
      kernel,
      names.map((name) => ({ name, key: '' })),
    )
  }

  static canFind(names: readonly string[]): boolean {
    return names.length > 0 && names.length <= mostFields && names.every(isMemberName)
  }

  /** The event's stream, if events with equal values had one. */
  find(event: StoredEvent): Stream | undefined {
    this.#mayLearn = this.#record.load(event)
    if (!this.#mayLearn) return undefined
    const { at, end } = this.#record
    const all = 2 ** this.#names.length - 1
    const kind = this.#kindOf(event.record)
    const number = this.#kernel.functions.findStream(this.#fields, all, at, end, event.index, kind)
    return number === 0 ? undefined : this.#streams[number]
  }

  /** Remembers the stream for the values of the event that `find` was last asked about. */
  learn(stream: Stream): void {
    const number = this.#mayLearn ? this.#kernel.functions.learnStream() : 0
    if (number !== 0) this.#streams[number] = stream
  }

  forget(): void {
    this.#kernel.functions.forgetStreams()
    this.#streams.length = 0
    this.#kinds.clear()
    this.#lastRecord = undefined
  }

  /** Records of one kind give the same labels for the same values. */
  #kindOf(record: StoredRecord): number {
    if (record === this.#lastRecord) return this.#lastKind
    const text = JSON.stringify(this.#names.map((name) => sharedPart(record, name)))
    if (this.#kinds.size >= mostKinds) this.forget()
    const kind = this.#kinds.get(text) ?? this.#kinds.size
    this.#kinds.set(text, kind)
    this.#lastRecord = record
    this.#lastKind = kind
    return kind
  }
}
