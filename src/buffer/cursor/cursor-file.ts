import { Buffer } from 'node:buffer'
import { constants } from 'node:fs'
import { dirname, join } from 'node:path'
import { AgentError } from '../../core/errors.ts'
import { systemErrorCode } from '../../core/file-system.ts'
import type { File, FileSystem } from '../../core/file-system.ts'
import * as codec from '../format/cursor-codec.ts'
import type { CursorState } from '../format/cursor-codec.ts'
import { readAt } from '../read-at.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants

/**
 * Taken on the disk from the first day on: a disk that is full later must not keep a cursor from being saved, or what is
 * settled could never be deleted, and the disk would stay full.
 */
const takenSlotBytes = 64 * 1024

interface LiveSlot {
  readonly index: number
  readonly turn: number
  readonly baseSegment: number
}

/** What a cursor's file held: nothing (a sink never seen), a state, or damage in both slots. */
export type FoundCursor =
  | { readonly kind: 'new' | 'damaged' }
  | { readonly kind: 'saved'; readonly state: CursorState }

/**
 * A sink's place in the log, on disk: two slots at fixed places, written in turn, each under a checksum. A write that a
 * crash tears leaves the other slot as it is, which is the state of a second before.
 */
export class CursorFile {
  readonly found: FoundCursor
  readonly #path: string
  readonly #fileSystem: FileSystem
  #file: File | undefined
  #slots: readonly LiveSlot[]
  #isClosed = false

  private constructor(path: string, fileSystem: FileSystem, content: Content) {
    this.#path = path
    this.#fileSystem = fileSystem
    this.#file = content.file
    this.#slots = content.slots
    this.found = content.found
  }

  /** Throws AgentError `data_dir_newer_version`, and whatever the disk says. */
  static async open(directory: string, sink: string, fileSystem: FileSystem): Promise<CursorFile> {
    const path = join(directory, `${sink}.cursor`)
    return new CursorFile(path, fileSystem, await readContent(path, fileSystem))
  }

  /** The lowest segment that one of the slots needs: if the newer slot is damaged, a start goes on from the other. */
  get floorSegment(): number {
    return Math.min(...this.#slots.map((slot) => slot.baseSegment))
  }

  /** Both slots need the same segments: saving once more would free nothing. */
  get isLevel(): boolean {
    return this.#slots.length < 2 || this.#slots[0]!.baseSegment === this.#slots[1]!.baseSegment
  }

  /** Resolves once the state (`encodeCursor`) is on disk. Rejects with the other slot untouched. */
  async write(body: Buffer, baseSegment: number): Promise<void> {
    // Written after the close it would be made anew, and take the place of what another cursor has saved since.
    if (this.#isClosed) throw new Error(`${this.#path} is closed`)
    const newest = this.#slots.at(-1)
    const turn = (newest?.turn ?? 0) + 1
    const index = newest ? 1 - newest.index : 0
    const bytes = codec.encodeSlot(body, turn)
    if (this.#file) {
      await this.#file.write(bytes, index * codec.slotBytes)
      await this.#file.datasync()
    } else this.#file = await this.#create(bytes, index)
    const live = { index, turn, baseSegment }
    this.#slots = newest ? [newest, live] : [live]
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#file?.close()
    this.#file = undefined
  }

  /** By another name first: a file that is there holds at least one good slot, or a new sink would start over. */
  async #create(bytes: Buffer, index: number): Promise<File> {
    const temporary = `${this.#path}.new`
    await this.#removeLeft(temporary)
    const file = await this.#fileSystem.open(temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      for (const slot of [0, 1]) await file.write(Buffer.alloc(takenSlotBytes), slot * codec.slotBytes)
      await file.write(bytes, index * codec.slotBytes)
      await file.datasync()
      await this.#fileSystem.rename(temporary, this.#path)
      await this.#fileSystem.syncDirectory(dirname(this.#path))
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** What a crash left, or a link that was put there: one to a file of somebody else would be written over. */
  async #removeLeft(temporary: string): Promise<void> {
    await this.#fileSystem.unlink(temporary).catch((error: unknown) => {
      if (systemErrorCode(error) !== 'ENOENT') throw error
    })
  }
}

interface Content {
  readonly file: File | undefined
  readonly slots: readonly LiveSlot[]
  readonly found: FoundCursor
}

async function readContent(path: string, fileSystem: FileSystem): Promise<Content> {
  let file: File
  try {
    file = await fileSystem.open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT') return { file: undefined, slots: [], found: { kind: 'new' } }
    // A link is not followed and holds no state of ours; the first save takes its place.
    if (code === 'ELOOP') return { file: undefined, slots: [], found: { kind: 'damaged' } }
    throw error
  }
  try {
    const read = [await readSlot(file, 0, path), await readSlot(file, 1, path)]
    const good = read.filter((slot) => slot !== undefined).sort((a, b) => a.turn - b.turn)
    const newest = good.at(-1)
    return {
      file,
      slots: good.map(({ index, turn, state }) => ({ index, turn, baseSegment: state.base.segment })),
      found: newest ? { kind: 'saved', state: newest.state } : { kind: 'damaged' },
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function readSlot(
  file: File,
  index: number,
  path: string,
): Promise<{ index: number; turn: number; state: CursorState } | undefined> {
  const head = await readAt(file, index * codec.slotBytes, codec.slotHeadBytes)
  if (head.length < codec.slotHeadBytes) return undefined
  const length = Math.min(codec.slotHeadBytes + head.readUInt32LE(20), codec.slotBytes)
  const slot = codec.decodeSlot(await readAt(file, index * codec.slotBytes, length))
  if (!slot) return undefined
  if ('newer' in slot) {
    const dataDir = dirname(dirname(path))
    const parameters = { path: dataDir, file: path, found: slot.newer, known: codec.cursorVersion }
    throw AgentError.of('data_dir_newer_version', parameters)
  }
  return { index, turn: slot.turn, state: codec.decodeCursor(slot.body) }
}
