import path from 'node:path'
import {
  systemErrorCode,
  type DirectoryEntry,
  type FileStat,
  type FileSystem,
} from '../../../core/file-system.ts'
import type { FileSourceState } from '../generation.ts'

/** What reading a folder brought. */
export interface Listing {
  /** Names that some source wants, and names that are followed there. Absolute. */
  readonly files: readonly string[]
  readonly subfolders: readonly string[]
}

interface FolderState {
  inode: number
  device: number
  mtimeMs: number
  /** Read right after a change: one more may have come within the same tick of the file system's clock. */
  isFresh: boolean
}

/** The folders in which files can match, as they were when they were last read. */
export class Folders {
  readonly #fileSystem: FileSystem
  readonly #sources: readonly FileSourceState[]
  readonly #known = new Map<string, FolderState>()

  constructor(fileSystem: FileSystem, sources: readonly FileSourceState[]) {
    this.#fileSystem = fileSystem
    this.#sources = sources
  }

  get roots(): readonly string[] {
    return [...new Set(this.#sources.flatMap((source) => source.filter.fixedParts))]
  }

  get known(): readonly string[] {
    return [...this.#known.keys()]
  }

  isWanted(folder: string, isLink = false): boolean {
    return this.#sources.some((source) => source.filter.mayContain(folder, isLink))
  }

  forget(folder: string): void {
    this.#known.delete(folder)
  }

  /** Whether the folder is to be read: `new` also where another one took its place; `gone` where there is none. */
  async check(folder: string): Promise<'same' | 'changed' | 'new' | 'gone'> {
    const stat = await this.#fileSystem.stat(folder).catch(() => undefined)
    if (!stat?.isDirectory) return 'gone'
    const before = this.#known.get(folder)
    if (!before || before.inode !== stat.inode || before.device !== stat.device) return 'new'
    return before.mtimeMs === stat.mtimeMs && !before.isFresh ? 'same' : 'changed'
  }

  /** The error's code where it cannot be read. */
  async list(folder: string): Promise<Listing | string> {
    let entries: DirectoryEntry[]
    try {
      // Before the listing: what changes meanwhile makes the next check read again.
      const { inode, device, mtimeMs } = await this.#fileSystem.stat(folder)
      entries = await this.#fileSystem.readdir(folder)
      const isFresh = this.#known.get(folder)?.mtimeMs !== mtimeMs
      this.#known.set(folder, { inode, device, mtimeMs, isFresh })
    } catch (error) {
      this.#known.delete(folder)
      const code = systemErrorCode(error)
      if (code === '') throw error
      return code
    }
    const files: string[] = []
    const subfolders: string[] = []
    for (const entry of entries) {
      const name = path.join(folder, entry.name)
      if (await this.#isFolder(entry, name)) {
        if (this.isWanted(name, entry.isSymbolicLink)) subfolders.push(name)
      } else if (this.#sources.some((source) => source.filter.matches(name))) files.push(name)
    }
    return { files, subfolders }
  }

  async #isFolder(entry: DirectoryEntry, name: string): Promise<boolean> {
    if (entry.isDirectory || entry.isFile) return entry.isDirectory
    // A link, or a file system that does not tell kinds: only where it matters.
    if (!this.isWanted(name, entry.isSymbolicLink)) return false
    const stat: FileStat | undefined = await this.#fileSystem.stat(name).catch(() => undefined)
    return stat?.isDirectory ?? false
  }
}
