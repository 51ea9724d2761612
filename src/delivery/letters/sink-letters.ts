import { dirname } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { File, FileSystem } from '../../core/file-system.ts'
import { systemErrorCode } from '../../core/file-system.ts'
import { encodeLetter, RecentIds } from './dead-letter.ts'
import type { DeadLetter } from './dead-letter.ts'
import {
  countAnew,
  countLetter,
  listLetterFiles,
  newLetterFile,
  openLetterFile,
  scanLetterFile,
} from './dead-letter-file.ts'
import type { LetterFile } from './dead-letter-file.ts'
import { EndedReplays } from './ended-replays.ts'
import { rewriteFile } from './purge-letters.ts'
import type { FateOf, PurgedFile } from './purge-letters.ts'

interface SinkLettersOptions {
  readonly directory: string
  readonly maxBytes: number
  readonly maxAgeMs: number
  readonly fileSystem: FileSystem
  readonly clock: Clock
}

export interface EncodedLetter {
  readonly letter: DeadLetter
  readonly line: Uint8Array
}

/** The files of dead letters of one sink: the last one is written to, the first one is the next to leave. */
export class SinkLetters {
  readonly sink: string
  readonly #options: SinkLettersOptions
  readonly #files: LetterFile[] = []
  readonly #recent = new RecentIds()
  readonly #ended: EndedReplays
  #open: { readonly file: LetterFile; readonly handle: File } | undefined
  #nextNumber = 1

  constructor(sink: string, options: SinkLettersOptions) {
    this.sink = sink
    this.#options = options
    this.#ended = new EndedReplays(options.fileSystem, options.directory)
  }

  get files(): readonly LetterFile[] {
    return this.#files
  }

  get bytes(): number {
    return this.#files.reduce((total, file) => total + file.bytes, 0)
  }

  get stored(): number {
    return this.#files.reduce((total, file) => total + file.letters, 0)
  }

  bySource(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const file of this.#files) {
      for (const [source, count] of file.bySource) counts.set(source, (counts.get(source) ?? 0) + count)
    }
    return counts
  }

  /** Replays that a kill cut off, as far as they had come. */
  get ended(): EndedReplays {
    return this.#ended
  }

  /** Reads what is there from before, oldest first, so that the newest ids are the ones that stay known. */
  async scan(): Promise<void> {
    const { fileSystem, directory } = this.#options
    await this.#ended.finish()
    for (const file of await listLetterFiles(fileSystem, directory)) {
      await scanLetterFile(fileSystem, file, ({ id }) => this.#recent.add(id))
      this.#nextNumber = file.number + 1
      if (file.letters > 0 || file.isSealed) this.#files.push(file)
      else await fileSystem.unlink(file.path)
    }
  }

  /** Leaves out what is stored already, or twice among these. */
  encodeNew(letters: readonly DeadLetter[]): EncodedLetter[] {
    const ids = new Set<string>()
    const encoded: EncodedLetter[] = []
    for (const letter of letters) {
      if (this.#recent.has(letter.id) || ids.has(letter.id)) continue
      ids.add(letter.id)
      encoded.push({ letter, line: encodeLetter(letter) })
    }
    return encoded
  }

  /** Writes and syncs; only then do they count. */
  async append(encoded: readonly EncodedLetter[]): Promise<void> {
    const bytes = Buffer.concat(encoded.map(({ line }) => line))
    const { file, handle } = await this.#writable(bytes.length)
    try {
      await handle.write(bytes, file.bytes)
      await handle.datasync()
    } catch (error) {
      await this.#distrust(file, handle)
      throw error
    }
    file.bytes += bytes.length
    const nowMs = this.#options.clock.now()
    for (const { letter } of encoded) {
      countLetter(file, letter.source, nowMs)
      this.#recent.add(letter.id)
    }
  }

  /** Changes a file as `rewriteFile` does; nothing where it is gone. What leaves may come again as a new letter. */
  async rewrite(path: string, fateOf: FateOf): Promise<PurgedFile> {
    const file = this.#files.find((one) => one.path === path)
    if (!file) return { left: new Map(), stayed: new Map(), bytes: 0 }
    if (this.#open?.file === file) await this.close()
    const gone: string[] = []
    const rewritten = await rewriteFile(this.#options.fileSystem, path, (letter, line) => {
      const fate = fateOf(letter, line)
      if (fate === 'leaves') gone.push(letter.id)
      return fate
    })
    for (const id of gone) this.#recent.delete(id)
    if (rewritten.stayed.size === 0) this.#files.splice(this.#files.indexOf(file), 1)
    countAnew(file, rewritten)
    return rewritten
  }

  async remove(file: LetterFile): Promise<void> {
    if (this.#open?.file === file) await this.close()
    try {
      await this.#options.fileSystem.unlink(file.path)
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error
    }
    this.#files.splice(this.#files.indexOf(file), 1)
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await open?.handle.close()
  }

  /** The file to write to: a new one when the last is large or spans much time, as only whole files leave. */
  async #writable(bytes: number): Promise<{ readonly file: LetterFile; readonly handle: File }> {
    const { fileSystem } = this.#options
    const last = this.#files.at(-1)
    const goesOn = last !== undefined && this.#hasRoom(last, bytes)
    if (this.#open && goesOn && this.#open.file === last) return this.#open
    await this.close()
    const file = goesOn ? last : await this.#create()
    const open = { file, handle: await openLetterFile(fileSystem, file.path) }
    this.#open = open
    return open
  }

  /** An empty file whose name survives a power cut. */
  async #create(): Promise<LetterFile> {
    const { fileSystem, directory, clock } = this.#options
    await fileSystem.mkdir(directory, { recursive: true, mode: 0o700 })
    const file = newLetterFile(directory, this.#nextNumber, clock.now())
    this.#nextNumber += 1
    const handle = await openLetterFile(fileSystem, file.path)
    try {
      await handle.truncate(0)
      await fileSystem.syncDirectory(directory)
      // The folder's own name too: a process that was killed may have made it, and not come to its sync.
      await fileSystem.syncDirectory(dirname(directory))
    } finally {
      await handle.close()
    }
    this.#files.push(file)
    return file
  }

  #hasRoom(file: LetterFile, bytes: number): boolean {
    const { maxBytes, maxAgeMs, clock } = this.#options
    const mostBytes = Math.min(Math.max(maxBytes / 16, 64 * 1024), 16 * 1024 ** 2)
    if (file.isSealed) return false
    return (
      file.letters === 0 || (file.bytes + bytes <= mostBytes && clock.now() - file.firstMs <= maxAgeMs / 16)
    )
  }

  /**
   * After a failed write or sync nobody knows what the disk holds behind `file.bytes`. That is cut off and the file
   * never written to again: a second fdatasync would succeed although the bytes are gone.
   */
  async #distrust(file: LetterFile, handle: File): Promise<void> {
    this.#open = undefined
    try {
      await handle.truncate(file.bytes)
    } catch {
      // What stays behind is whole letters or a torn line; a scan counts or cuts it.
    }
    await handle.close().catch(() => undefined)
    if (file.letters === 0) await this.#discard(file)
    else file.isSealed = true
  }

  async #discard(file: LetterFile): Promise<void> {
    this.#files.splice(this.#files.indexOf(file), 1)
    await this.#options.fileSystem.unlink(file.path).catch(() => undefined)
  }
}
