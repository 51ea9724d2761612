import type { EventRun } from '../buffer.ts'
import type { OpenRecordState } from '../format/cursor-codec.ts'
import type { StoredRecordView } from '../stored-record.ts'

/** A record between a cursor's saved place and the end of what it handed out. */
export interface OpenRecord {
  readonly sequence: number
  readonly source: string
  readonly count: number
  readonly segment: number
  readonly offset: number
  readonly bytes: number
  readonly appendedAtMs: number
  /** Bit i: event i is settled. */
  readonly settled: Uint8Array
  unsettled: number
  /** Let go once all its events are settled, so that its memory does not wait for older ones. */
  record: StoredRecordView | undefined
}

/** The records that stand open past a cursor, in order. Whole ones leave from the front only: that is the cursor's place. */
export class CursorWindow {
  #records: OpenRecord[] = []
  #head = 0
  readonly #bySequence = new Map<number, OpenRecord>()
  /** Bytes of all records in the window, settled ones behind the front included. */
  bytes = 0
  /** Events in the window that are not settled. */
  unsettled = 0

  get front(): OpenRecord | undefined {
    return this.#records[this.#head]
  }

  get size(): number {
    return this.#records.length - this.#head
  }

  push(record: OpenRecord): void {
    record.record?.retain()
    this.#records.push(record)
    this.#bySequence.set(record.sequence, record)
    this.bytes += record.bytes
    this.unsettled += record.unsettled
  }

  find(sequence: number): OpenRecord | undefined {
    return this.#bySequence.get(sequence)
  }

  /** Marks the events of the run; returns how many of them were not marked already. */
  settle(record: OpenRecord, { first, end, order }: Omit<EventRun, 'record'>): number {
    const events = order
      ? markDealt(record, { first, end, order })
      : markSettled(record.settled, first, Math.min(end, record.count))
    record.unsettled -= events
    this.unsettled -= events
    if (events > 0 && record.unsettled === 0) {
      record.record?.release()
      record.record = undefined
    }
    return events
  }

  /** Drops whole records from the front; returns whether there were any. */
  advance(): boolean {
    const before = this.size
    while (this.front?.unsettled === 0) this.#shift()
    return this.size < before
  }

  /** Takes the front record out, whatever is open of it. It stays retained: requests with it may still be under way. */
  takeFront(): OpenRecord | undefined {
    const { front } = this
    if (front) this.#shift()
    return front
  }

  states(): OpenRecordState[] {
    return this.#records.slice(this.#head)
  }

  #shift(): void {
    const record = this.#records[this.#head]!
    this.#bySequence.delete(record.sequence)
    this.bytes -= record.bytes
    this.unsettled -= record.unsettled
    this.#head += 1
    // Cutting the array at every step would copy it each time.
    if (this.#head < 64 || this.#head * 2 < this.#records.length) return
    this.#records = this.#records.slice(this.#head)
    this.#head = 0
  }
}

function markSettled(settled: Uint8Array, first: number, end: number): number {
  let marked = 0
  for (let index = first; index < end; index += 1) {
    const bit = 1 << (index & 7)
    const byte = settled[index >>> 3]!
    if (byte & bit) continue
    settled[index >>> 3] = byte | bit
    marked += 1
  }
  return marked
}

/** Of events that lie here and there in the record: each of them comes by, so there is no call and no iterator for it. */
function markDealt(
  { settled, count }: OpenRecord,
  { first, end, order }: { readonly first: number; readonly end: number; readonly order: Uint32Array },
): number {
  let marked = 0
  const last = Math.min(end, order.length)
  for (let place = first; place < last; place += 1) {
    const index = order[place]!
    const bit = 1 << (index & 7)
    const byte = settled[index >>> 3]!
    if (index >= count || byte & bit) continue
    settled[index >>> 3] = byte | bit
    marked += 1
  }
  return marked
}

export function isSettled(settled: Uint8Array, index: number): boolean {
  return ((settled[index >>> 3]! >>> (index & 7)) & 1) === 1
}

export function countUnsettled(settled: Uint8Array, count: number): number {
  let unsettled = 0
  for (let index = 0; index < count; index += 1) if (!isSettled(settled, index)) unsettled += 1
  return unsettled
}
