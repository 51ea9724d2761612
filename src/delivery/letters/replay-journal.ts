import { constants } from 'node:fs'
import { dirname } from 'node:path'
import { systemErrorCode } from '../../core/file-system.ts'
import type { File, FileSystem } from '../../core/file-system.ts'
import { openToRead } from './open-to-read.ts'
import { wholeLines } from './whole-lines.ts'
import type { LineInFile } from './whole-lines.ts'

const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
const linePattern = /^(\S{1,200}) (\S{0,200})$/

/** `NNN.replayed` beside `NNN.ndjson`. */
export const journalPath = (letterPath: string): string => letterPath.replace(/\.ndjson$/, '.replayed')

/**
 * Which letters of a file the sink has taken, until they are out of the file and counted: a line each, `ID SOURCE`. A kill in
 * between leaves it, and the next start ends what was begun; so no letter is sent for ever.
 */
export class ReplayJournal {
  readonly path: string
  /** Sources by id. */
  readonly ids = new Map<string, string>()
  readonly #fileSystem: FileSystem
  #pending: string[] = []
  #file: File | undefined
  #size = 0
  #last: Promise<void> = Promise.resolve()

  private constructor(path: string, fileSystem: FileSystem) {
    this.path = path
    this.#fileSystem = fileSystem
  }

  /** With what is in it from before; a torn last line counts for nothing. */
  static async read(fileSystem: FileSystem, path: string): Promise<ReplayJournal> {
    const journal = new ReplayJournal(path, fileSystem)
    await journal.#read()
    return journal
  }

  /** Letters by source. */
  bySource(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const source of this.ids.values()) counts.set(source, (counts.get(source) ?? 0) + 1)
    return counts
  }

  /** Is written soon, with the others that come in this turn; what the disk says against it, `write` says again. */
  add(id: string, source: string): void {
    this.ids.set(id, source)
    this.#pending.push(`${id} ${source}\n`)
    if (this.#pending.length === 1) void Promise.resolve().then(() => this.write().catch(() => {}))
  }

  /** Resolves once all that was added is on the disk; rejects with what the disk says, and may be called again. */
  write(): Promise<void> {
    this.#last = this.#last.catch(() => {}).then(() => this.#write())
    return this.#last
  }

  /** Nothing in it is needed any more. */
  async remove(): Promise<void> {
    await this.close()
    try {
      await this.#fileSystem.unlink(this.path)
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error
    }
  }

  async close(): Promise<void> {
    await this.#last.catch(() => {})
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  async #write(): Promise<void> {
    if (this.#pending.length === 0) return
    const lines = this.#pending
    this.#pending = []
    try {
      this.#file ??= await this.#open()
      const bytes = Buffer.from(lines.join(''))
      await this.#file.write(bytes, this.#size)
      await this.#file.datasync()
      this.#size += bytes.length
    } catch (error) {
      this.#pending = [...lines, ...this.#pending]
      throw error
    }
  }

  async #open(): Promise<File> {
    const file = await this.#fileSystem.open(this.path, flags, 0o600)
    try {
      // Behind the last whole line.
      await file.truncate(this.#size)
      await this.#fileSystem.syncDirectory(dirname(this.path))
    } catch (error) {
      await file.close()
      throw error
    }
    return file
  }

  async #read(): Promise<void> {
    const file = await openToRead(this.#fileSystem, this.path)
    if (!file) return
    try {
      for await (const lines of wholeLines(file)) lines.forEach((line) => this.#take(line))
    } finally {
      await file.close()
    }
  }

  #take({ to, bytes }: LineInFile): void {
    const match = linePattern.exec(bytes?.toString() ?? '')
    if (match) this.ids.set(match[1]!, match[2]!)
    this.#size = to + 1
  }
}
