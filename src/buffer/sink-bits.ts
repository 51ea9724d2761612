import { crc32 } from 'node:zlib'
import type { StoredRecordView } from './stored-record.ts'

/** `routes` are 32 bits. */
export const maxSinks = 32

/**
 * Which bit of `routes` stands for which sink. Every segment's header holds the names in the order of their bits, and
 * every record the checksum of that list, so that old records keep their meaning when sinks come and go.
 */
export class SinkBits {
  #names: string[]
  #checksum: number
  readonly #known = new Map<number, readonly string[]>()

  constructor(names: readonly string[]) {
    this.#names = names.slice(0, maxSinks)
    this.#checksum = this.learn(this.#names)
  }

  get names(): readonly string[] {
    return this.#names
  }

  /** What records appended now carry. */
  get checksum(): number {
    return this.#checksum
  }

  /** Remembers a list that a segment's header holds. */
  learn(names: readonly string[]): number {
    const checksum = crc32(names.join('\n'))
    this.#known.set(checksum, [...names])
    return checksum
  }

  bitOf(sink: string): number | undefined {
    const bit = this.#names.indexOf(sink)
    return bit < 0 ? undefined : bit
  }

  /** Gives a sink a bit, if need be that of one that no longer runs. Returns whether the list has changed. */
  add(sink: string, isRunning: (sink: string) => boolean): boolean {
    if (this.bitOf(sink) !== undefined) return false
    const names = [...this.#names]
    const bit = names.length < maxSinks ? names.length : names.findIndex((name) => !isRunning(name))
    if (bit < 0) throw new RangeError(`there are more than ${maxSinks} sinks`)
    names[bit] = sink
    this.#names = names
    this.#checksum = this.learn(names)
    return true
  }

  /** The sink's bit in records with this list: undefined if it had none, 'unknown' if no such list was seen. */
  bitIn(checksum: number, sink: string): number | undefined | 'unknown' {
    const names = this.#known.get(checksum)
    if (!names) return 'unknown'
    const bit = names.indexOf(sink)
    return bit < 0 ? undefined : bit
  }
}

/** A bitmap with the events of a record that do not go to the sink with this bit. */
export function notMeantFor(record: StoredRecordView, bit: number | 'unknown' | undefined): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(record.count / 8))
  // Nobody knows any more who the bits are: better one event too many than one too few.
  const routed = bit === 'unknown' ? 'all' : bit === undefined ? 'none' : record.routed(bit)
  if (routed === 'none') bitmap.fill(0xff)
  if (routed !== 'some') return bitmap
  for (let index = 0; index < record.count; index += 1) {
    if (!((record.eventRoutes(index) >>> Number(bit)) & 1)) bitmap[index >>> 3]! |= 1 << (index & 7)
  }
  return bitmap
}
