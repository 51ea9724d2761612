import { crc32 } from 'node:zlib'
import type { File } from '../../../core/file-system.ts'
import { limits } from '../../../core/limits.ts'
import type { Head } from '../identity.ts'
import { isMarkOf, markOf } from '../mark.ts'

/**
 * While we run, more than the 64 bytes of the checkpoint is compared: lines of one format often end alike, so a file
 * that was truncated and refilled to the same size passed for the old one (test/model/tailer.test.ts found it). 4 KiB
 * cost 4 microseconds a read.
 */
const tailBytes = 4096

/** Where to read on, and what must stand before it. */
export interface ReadPlace {
  readonly offset: number
  readonly mark: Uint8Array
  /** Checksum of the last `length` bytes before the offset, where an earlier read brought them. */
  readonly tail?: Head | undefined
}

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
  /** Checksum of what this read holds before `position`, up to 4 KiB. */
  tailAt(position: number): Head
}

/**
 * The one buffer that all files are read into. Each read starts early and compares with what stood there when we were
 * there last: truncation with a refill past the offset is noticed with no system call more.
 */
export class ReadBuffer {
  #bytes = Buffer.allocUnsafeSlow(tailBytes + limits.readBytes)
  /** Taken by what `readNow` has read. */
  #used = 0

  /** `undefined`: the file is shorter than `offset`, or holds something else before it. */
  async read(
    file: File,
    place: ReadPlace,
    length: number = limits.readBytes,
  ): Promise<ReadWindow | undefined> {
    const { mark, offset, tail } = place
    const early = Math.max(mark.length, tail?.length ?? 0)
    const wanted = early + length
    if (this.#bytes.length < wanted) this.#bytes = Buffer.allocUnsafeSlow(wanted)
    const count = await file.read(this.#bytes, 0, wanted, offset - early)
    const bytes = this.#bytes.subarray(0, count)
    if (!isSame(bytes, early, place)) return undefined
    return windowOf(bytes, { offset, early }, count === wanted)
  }

  /** What `readNow` brings begins at the front again. */
  rewind(): void {
    this.#used = 0
  }

  /**
   * The rest of a file with little to read, before it returns; it lies behind what was read so since `rewind`, and is valid
   * until that or the next `read`. `undefined` also where there is more, or no room. Blocks: only for a file system that has
   * answered a moment ago.
   */
  readNow(file: File, place: ReadPlace): ReadWindow | undefined {
    const { mark, offset, tail } = place
    const early = Math.max(mark.length, tail?.length ?? 0)
    const wanted = early + limits.promptReadBytes
    if (this.#used + wanted > this.#bytes.length) return undefined
    const count = file.readNow?.(this.#bytes, this.#used, wanted, offset - early)
    if (count === undefined || count === wanted) return undefined
    const bytes = this.#bytes.subarray(this.#used, this.#used + count)
    if (!isSame(bytes, early, place)) return undefined
    this.#used += count
    return windowOf(bytes, { offset, early }, false)
  }

  /** After a file with long lines: the memory goes back. */
  shrink(): void {
    const usual = tailBytes + limits.readBytes
    if (this.#bytes.length > usual) this.#bytes = Buffer.allocUnsafeSlow(usual)
  }
}

/** Whether there stands before the place what stood there. A tail holds all that the mark is a digest of, for a tenth of the time. */
function isSame(bytes: Uint8Array, early: number, { mark, tail }: ReadPlace): boolean {
  if (bytes.length < early) return false
  if (!tail || tail.length < mark.length) return isMarkOf(mark, bytes.subarray(early - mark.length, early))
  return crc32(bytes.subarray(early - tail.length, early)) === tail.hash
}

function windowOf(
  bytes: Uint8Array,
  place: { readonly offset: number; readonly early: number },
  isFull: boolean,
): ReadWindow {
  const start = place.offset - place.early
  return {
    data: bytes.subarray(place.early),
    from: place.offset,
    isFull,
    markAt(position) {
      const length = Math.min(position, limits.markBytes)
      const at = position - length - start
      return at < 0 || at + length > bytes.length ? undefined : markOf(bytes.subarray(at, at + length))
    },
    tailAt(position) {
      const end = position - start
      const from = Math.max(end - tailBytes, 0)
      return { length: end - from, hash: crc32(bytes.subarray(from, end)) }
    },
  }
}
