import type { EncodedEvents } from '../../core/encoded-events.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import * as state from '../../kernel/wasm/lane-state.ts'
import type { StateFields } from './state-fields.ts'

/** Room for one chunk's events in the kernel's memory: entries in one region, their bytes in another. */
export class EventArena {
  readonly #kernel: Kernel
  readonly #fields: StateFields
  readonly #entries: number
  readonly #heap: number
  #runEntries: number
  #runHeap: number

  /** `fields`: the block's state in the kernel's memory, which says where the next event goes. */
  constructor(kernel: Kernel, fields: StateFields, bytes: { entries: number; heap: number }) {
    this.#kernel = kernel
    this.#fields = fields
    this.#entries = kernel.reserve(bytes.entries)
    this.#heap = kernel.reserve(bytes.heap)
    this.#runEntries = this.#entries
    this.#runHeap = this.#heap
    this.#fields.set(state.stateEntriesEnd, this.#entries + bytes.entries)
    this.#fields.set(state.stateHeapEnd, this.#heap + bytes.heap)
    this.clear()
  }

  /** The chunk is in the buffer, its memory can be used again. */
  clear(): void {
    this.#fields.set(state.stateEntryAt, this.#entries)
    this.#fields.set(state.stateHeapAt, this.#heap)
    this.#beginRun()
  }

  /** The events since the last run, which stand behind so many drafts; undefined where there are none. */
  takeRun(after: number, routes: number): EncodedEvents | undefined {
    const entriesBytes = this.#fields.get(state.stateEntryAt) - this.#runEntries
    if (entriesBytes === 0) return undefined
    const run = this.#run({ after, routes, entriesBytes })
    this.#beginRun()
    return run
  }

  #run(about: { after: number; routes: number; entriesBytes: number }): EncodedEvents {
    const kernel = this.#kernel
    const [entries, heap, heapBytes] = [
      this.#runEntries,
      this.#runHeap,
      this.#fields.get(state.stateHeapAt) - this.#runHeap,
    ]
    const entriesEnd = entries + about.entriesBytes
    return {
      ...about,
      count: about.entriesBytes / entryBytes,
      earliest: {
        seconds: this.#fields.get(state.stateLowSeconds),
        nanos: this.#fields.get(state.stateLowNanos),
      },
      latest: {
        seconds: this.#fields.get(state.stateHighSeconds),
        nanos: this.#fields.get(state.stateHighNanos),
      },
      heapBytes,
      copyEntries(target, at, heapAt) {
        // There and back: whoever is refused by a full disk makes the record again.
        kernel.functions.rebaseEntries(entries, entriesEnd, heapAt)
        kernel.bytes.copy(target, at, entries, entriesEnd)
        kernel.functions.rebaseEntries(entries, entriesEnd, -heapAt)
      },
      copyHeap: (target, at) => void kernel.bytes.copy(target, at, heap, heap + heapBytes),
    }
  }

  #beginRun(): void {
    this.#runEntries = this.#fields.get(state.stateEntryAt)
    this.#runHeap = this.#fields.get(state.stateHeapAt)
    this.#fields.set(state.stateHeap, this.#runHeap)
    this.#fields.set(state.stateLowSeconds, 0xffffffff)
    this.#fields.set(state.stateLowNanos, 0xffffffff)
    this.#fields.set(state.stateHighSeconds, 0)
    this.#fields.set(state.stateHighNanos, 0)
  }
}

/** Of one event's entry (docs/buffer-format.md). */
export const entryBytes = 72
