import type { File } from '../../../core/file-system.ts'
import { limits } from '../../../core/limits.ts'
import { isEqual } from '../identity.ts'

/** What one read brought. `data` is valid until the next `read` of the same buffer. */
export interface ReadWindow {
  /** The bytes from the offset on. */
  readonly data: Uint8Array
  /** Where `data` begins in the file. */
  readonly from: number
  /** The read brought all that was asked for: there may be more. */
  readonly isFull: boolean
  /** A copy of the up to 64 bytes before `position`, or undefined where this read does not hold them. */
  markAt(position: number): Uint8Array | undefined
}

/**
 * The one buffer that all files are read into. Each read starts 64 bytes early and compares them with what stood there
 * when we were there last: truncation with a refill past the offset is noticed with no system call more.
 */
export class ReadBuffer {
  #bytes = Buffer.allocUnsafeSlow(limits.markBytes + limits.readBytes)

  /** `undefined`: the file is shorter than `offset`, or holds something else before it. */
  async read(
    file: File,
    place: { offset: number; mark: Uint8Array },
    length: number = limits.readBytes,
  ): Promise<ReadWindow | undefined> {
    const { mark, offset } = place
    const wanted = mark.length + length
    if (this.#bytes.length < wanted) this.#bytes = Buffer.allocUnsafeSlow(wanted)
    const count = await file.read(this.#bytes, 0, wanted, offset - mark.length)
    if (count < mark.length || !isEqual(this.#bytes.subarray(0, mark.length), mark)) return undefined
    return windowOf(this.#bytes.subarray(0, count), place, count === wanted)
  }

  /** After a file with long lines: the memory goes back. */
  shrink(): void {
    const usual = limits.markBytes + limits.readBytes
    if (this.#bytes.length > usual) this.#bytes = Buffer.allocUnsafeSlow(usual)
  }
}

function windowOf(
  bytes: Uint8Array,
  place: { offset: number; mark: Uint8Array },
  isFull: boolean,
): ReadWindow {
  const start = place.offset - place.mark.length
  return {
    data: bytes.subarray(place.mark.length),
    from: place.offset,
    isFull,
    markAt(position) {
      const length = Math.min(position, limits.markBytes)
      const at = position - length - start
      return at < 0 || at + length > bytes.length
        ? undefined
        : Uint8Array.prototype.slice.call(bytes, at, at + length)
    },
  }
}
