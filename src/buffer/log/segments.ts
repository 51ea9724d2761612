import { Buffer } from 'node:buffer'
import { constants } from 'node:fs'
import { dirname, join } from 'node:path'
import { AgentError } from '../../core/errors.ts'
import { systemErrorCode } from '../../core/file-system.ts'
import type { File, FileSystem } from '../../core/file-system.ts'
import type { Log } from '../../core/log.ts'
import * as header from '../format/segment-header.ts'
import type { GenerationState, Preamble, SegmentHeader, SourcesBlock } from '../format/segment-header.ts'
import { readAt } from '../read-at.ts'
import { SegmentScan } from './scan.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants
const numberDigits = 12
/** A link, a socket, gone since the folder was read. */
const notOurs = new Set(['ELOOP', 'ENXIO', 'ENOENT'])

/** One file of the log. */
export interface Segment {
  readonly number: number
  readonly path: string
  /** Undefined where the header is damaged: records are then searched from the file's beginning. */
  readonly preamble: Preamble | undefined
  readonly sources: SourcesBlock | undefined
  /** Where records begin. */
  readonly dataStart: number
  /**
   * Records from this sequence on are none: the start that began a later segment could not read them, and what they held
   * was read again. Should the disk give them back, they would be sent in place of others, or once more.
   */
  voidFrom: number
  /** Its header is on disk for good: its checkpoint table may be relied on. */
  isSynced: boolean
  /** Bytes on disk. */
  size: number
  /** Up to where cursors may read. */
  end: number
}

export interface SegmentsOptions {
  /** The folder `buffer` of data_dir. */
  readonly directory: string
  readonly fileSystem: FileSystem
  readonly log: Log
}

/** The files of the log, oldest first: found, named, created, removed. What is in them is no matter here. */
export class Segments {
  readonly #options: SegmentsOptions
  readonly #list: Segment[] = []
  #nextNumber = 1
  #totalBytes = 0

  private constructor(options: SegmentsOptions) {
    this.#options = options
  }

  /** Throws AgentError `data_dir_newer_version`; everything else that lies there wrongly is set aside and told. */
  static async open(options: SegmentsOptions): Promise<Segments> {
    const segments = new Segments(options)
    const entries = await options.fileSystem.readdir(options.directory)
    for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const digits = /^(\d{12})\.seg/.exec(name)?.[1]
      // A number that a file set aside has is not given again either.
      if (digits) segments.#nextNumber = Math.max(segments.#nextNumber, Number(digits) + 1)
      if (digits && name === `${digits}.seg`) await segments.#take(Number(digits), name)
    }
    markVoid(segments.#list)
    return segments
  }

  get list(): readonly Segment[] {
    return this.#list
  }

  get totalBytes(): number {
    return this.#totalBytes
  }

  get newest(): Segment {
    return this.#list.at(-1)!
  }

  get(number: number): Segment | undefined {
    // From the end: readers are mostly there, and the list is short.
    return this.#list.findLast((segment) => segment.number === number)
  }

  /** The first segment above `number`. */
  after(number: number): Segment | undefined {
    return this.#list.find((segment) => segment.number > number)
  }

  openToRead(segment: Segment, disk: FileSystem = this.#options.fileSystem): Promise<File> {
    return disk.open(segment.path, O_RDONLY | O_NOFOLLOW)
  }

  /** A new newest segment, with its header written but not synced. Leaves nothing behind when that fails. */
  async create(contents: Omit<SegmentHeader, 'number'>): Promise<{ segment: Segment; file: File }> {
    const number = this.#nextNumber
    const bytes = header.encodeHeader({ ...contents, number })
    const path = join(this.#options.directory, `${String(number).padStart(numberDigits, '0')}.seg`)
    const file = await this.#options.fileSystem.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    // Counted up even if the write fails: a half-written header may survive the unlink below.
    this.#nextNumber += 1
    try {
      await file.write(bytes, 0)
    } catch (error) {
      await file.close().catch(() => {})
      await this.#options.fileSystem.unlink(path).catch(() => {})
      throw error
    }
    const preamble = header.decodePreamble(bytes)
    if (preamble === 'damaged' || 'newer' in preamble) throw new Error('a new segment has a broken header')
    const { length } = bytes
    const { sources } = contents
    const sizes = { dataStart: length, size: length, end: length }
    const fresh = { isSynced: false, voidFrom: Infinity }
    const segment: Segment = { number, path, preamble, sources, ...fresh, ...sizes }
    this.#list.push(segment)
    this.#totalBytes += length
    return { segment, file }
  }

  grow(segment: Segment, size: number): void {
    this.#totalBytes += size - segment.size
    segment.size = size
  }

  /**
   * Off the list before the disk is asked: a sink that comes back meanwhile must not count on a segment that is on its
   * way out, or would take what it held for damage.
   */
  async remove(segment: Segment): Promise<void> {
    const index = this.#list.indexOf(segment)
    if (index < 0) return
    this.#list.splice(index, 1)
    this.#totalBytes -= segment.size
    try {
      await this.#options.fileSystem.unlink(segment.path)
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return
      this.#list.push(segment)
      this.#list.sort((a, b) => a.number - b.number)
      this.#totalBytes += segment.size
      throw error
    }
  }

  /** The checkpoint table of a segment, or undefined where it has none or it is damaged. */
  async readTable(segment: Segment, disk?: FileSystem): Promise<GenerationState[] | undefined> {
    if (!segment.preamble?.hasTable) return undefined
    const file = await this.openToRead(segment, disk)
    try {
      return await tableIn(file, segment)
    } finally {
      await file.close()
    }
  }

  async #take(number: number, name: string): Promise<void> {
    const { directory, fileSystem, log } = this.#options
    const path = join(directory, name)
    const found = await this.#look(number, path)
    if (!found) return
    if (found === 'foreign') return this.#setAside(path)
    if (typeof found === 'object' && 'newer' in found) {
      const parameters = { path: dirname(directory), file: path, found: found.newer }
      throw AgentError.of('data_dir_newer_version', { ...parameters, known: header.segmentVersion })
    }
    // A crash right after a segment was created leaves an empty file: there is nothing in it to keep.
    if (found === 'empty') return fileSystem.unlink(path)
    if (found === 'not a file')
      return log.warn({ path }, 'what is called like a segment is no file and is left alone')
    if (!found.preamble) log.warn({ path }, 'the header of a segment is damaged; its records are still read')
    this.#list.push(found)
    this.#totalBytes += found.size
  }

  async #look(number: number, path: string): Promise<Inspected | undefined> {
    const { fileSystem, log } = this.#options
    let file: File
    try {
      file = await fileSystem.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    } catch (error) {
      const code = systemErrorCode(error)
      // Whatever else the disk says may be over in a moment, and what is left out now is passed over for good.
      if (!notOurs.has(code)) throw error
      log.warn({ path, error: code }, 'a segment cannot be opened and is left out')
      return undefined
    }
    try {
      return await inspect(file, { number, path })
    } finally {
      await file.close()
    }
  }

  /** Keeps what is not ours, or no longer readable, under another name: it may be somebody's only copy. */
  async #setAside(path: string): Promise<void> {
    const { fileSystem, log } = this.#options
    let target = `${path}.bad`
    const isTaken = async (name: string): Promise<boolean> => {
      return fileSystem.lstat(name).then(
        () => true,
        () => false,
      )
    }
    for (let count = 1; await isTaken(target); count += 1) target = `${path}.bad.${count}`
    await fileSystem.rename(path, target)
    log.error({ path, target }, 'a segment holds nothing that can be read and was renamed')
  }
}

/**
 * Tells segments, oldest first, where what counts of them ends. A segment with a table goes on behind all that was there
 * when it was begun; one without holds again what a failed sync put in doubt, and both copies are good.
 */
export function markVoid(segments: readonly Segment[]): void {
  let voidFrom = Infinity
  for (const segment of segments.toReversed()) {
    segment.voidFrom = voidFrom
    const { preamble } = segment
    if (preamble?.hasTable) voidFrom = Math.min(voidFrom, preamble.firstSequence - preamble.skippedSequences)
  }
}

export async function tableIn(
  file: File,
  { preamble, sources }: Segment,
): Promise<GenerationState[] | undefined> {
  if (!preamble?.hasTable || !sources) return undefined
  const bytes = await readWithin(file, header.preambleBytes + preamble.sourcesBytes, preamble.tableBytes)
  return header.decodeTable(bytes, preamble)
}

export type Inspected = Segment | { readonly newer: number } | 'foreign' | 'empty' | 'not a file'

/** What lies under the name of a segment; reads only. */
export async function inspect(
  file: File,
  name: { readonly number: number; readonly path: string },
): Promise<Inspected> {
  const { size, isFile } = await file.stat()
  if (!isFile) return 'not a file'
  if (size === 0) return 'empty'
  const preamble = header.decodePreamble(await readWithin(file, 0, Math.min(size, header.preambleBytes)))
  if (preamble !== 'damaged' && 'newer' in preamble) return preamble
  if (preamble === 'damaged') {
    const isOurs = (await new SegmentScan(file, 0).next(size)) !== undefined
    const nothing = { preamble: undefined, sources: undefined, ...asFound, dataStart: 0 }
    return isOurs ? { ...name, ...nothing, size, end: size } : 'foreign'
  }
  // A copy of another segment under this name: its records are where they belong already.
  if (preamble.number !== name.number) return 'foreign'
  const sourcesEnd = header.preambleBytes + preamble.sourcesBytes
  const sources = header.decodeSources(
    await readWithin(file, header.preambleBytes, preamble.sourcesBytes),
    preamble,
  )
  const dataStart = sourcesEnd + preamble.tableBytes
  return { ...name, preamble, sources, ...asFound, dataStart, size, end: size }
}

const asFound = { isSynced: true, voidFrom: Infinity }

/** A damaged length must not make us ask for memory that the file could never fill. */
async function readWithin(file: File, position: number, length: number): Promise<Buffer> {
  const { size } = await file.stat()
  return readAt(file, position, Math.max(0, Math.min(length, size - position)))
}
