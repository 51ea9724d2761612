import type { Log } from '../../../core/log.ts'
import type { FolderWatch } from './folder-watch.ts'
import type { Folders, Listing } from './folders.ts'
import type { Registry } from '../registry.ts'
import type { FileSystem, FileStat } from '../../../core/file-system.ts'

export interface WalkParts {
  readonly folders: Folders
  readonly watch: FolderWatch
  readonly registry: Registry
  readonly fileSystem: FileSystem
  readonly log: Log
}

/** What a walk found: files that are new at their path, and paths that need a look (gone, or not to be had). */
export interface Found {
  readonly files: { path: string; stat: FileStat }[]
  readonly doubtful: string[]
}

/** Stands in a name for what is no UTF-8; Node's paths are text, so that under this one there is nothing. */
const notUtf8 = '\ufffd'

/** After so many folders with such names nobody needs another warning. */
const maxStrange = 1000

const isClosed = (code: string): boolean => code !== 'ENOENT' && code !== 'ENOTDIR'

/** Reads folders and arms their watches. */
export class Walk {
  readonly #parts: WalkParts
  /** Folders that could not be listed at the last try, with the error's code; each is warned of once. */
  readonly #left = new Map<string, string>()
  /** Folders that hold such names. */
  readonly #strange = new Set<string>()

  constructor(parts: WalkParts) {
    this.#parts = parts
  }

  /** Folders that are there and cannot be listed, with the error's code. */
  closedFolders(): (readonly [folder: string, code: string])[] {
    return [...this.#left].filter(([, code]) => isClosed(code))
  }

  /** The folder and all below it that can hold files of a source. */
  async from(folder: string, found: Found = { files: [], doubtful: [] }): Promise<Found> {
    const { folders, watch } = this.#parts
    // First the watch, then the look: what comes in between is seen by one of them.
    if ((await this.#parts.fileSystem.stat(folder).catch(() => undefined))?.isDirectory) watch.add(folder)
    const listing = await folders.list(folder)
    if (typeof listing === 'string') {
      this.#leave(folder, listing)
      found.doubtful.push(...this.#parts.registry.pathsIn(folder))
      return found
    }
    this.#left.delete(folder)
    await this.#takeFiles(folder, listing, found)
    for (const subfolder of listing.subfolders) await this.from(subfolder, found)
    return found
  }

  async #takeFiles(folder: string, listing: Listing, found: Found): Promise<void> {
    const { fileSystem, registry } = this.#parts
    const names = new Set(listing.files)
    for (const file of listing.files) {
      if (registry.at(file)) continue
      const stat = await fileSystem.stat(file).catch(() => undefined)
      if (stat) found.files.push({ path: file, stat })
      else {
        if (file.includes(notUtf8)) this.#warnOfNames(folder)
        found.doubtful.push(file)
      }
    }
    for (const file of registry.pathsIn(folder)) if (!names.has(file)) found.doubtful.push(file)
  }

  #warnOfNames(folder: string): void {
    if (this.#strange.has(folder) || this.#strange.size >= maxStrange) return
    this.#strange.add(folder)
    this.#parts.log.warn({ folder }, 'a file is not read: its name is not UTF-8')
  }

  #leave(folder: string, code: string): void {
    this.#parts.watch.remove(folder)
    if (this.#left.has(folder)) return
    this.#left.set(folder, code)
    const message = isClosed(code)
      ? 'a folder of an include cannot be read; tried again every second'
      : folder.includes(notUtf8)
        ? 'a folder is not read: its name is not UTF-8'
        : 'a folder of an include does not exist yet; it is read when it appears'
    this.#parts.log.warn({ folder, code }, message)
  }
}
