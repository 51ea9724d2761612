import path from 'node:path'
import type { FolderWatch } from './folder-watch.ts'
import type { Folders } from './folders.ts'
import type { Generation } from '../generation.ts'

/**
 * Files that are reached through a link (/var/log/containers) are written to in another folder: that one is watched
 * too, and what happens to a name there is told to the links that lead to it.
 */
export class Links {
  readonly #watch: FolderWatch
  readonly #folders: Folders
  /** Real path to the links that lead there. */
  readonly #aliases = new Map<string, Set<string>>()
  readonly #noted = new Map<Generation, string>()
  /** How many noted generations are in a folder that is watched for links only. */
  readonly #users = new Map<string, number>()

  constructor(watch: FolderWatch, folders: Folders) {
    this.#watch = watch
    this.#folders = folders
  }

  aliasesOf(realPath: string): ReadonlySet<string> {
    return this.#aliases.get(realPath) ?? none
  }

  note(generation: Generation): void {
    const { realPath } = generation
    if (realPath === '' || generation.paths.has(realPath) || this.#noted.get(generation) === realPath) return
    this.#drop(generation)
    this.#noted.set(generation, realPath)
    const aliases = this.#aliases.get(realPath) ?? new Set()
    for (const name of generation.paths) aliases.add(name)
    this.#aliases.set(realPath, aliases)
    const folder = path.dirname(realPath)
    this.#users.set(folder, (this.#users.get(folder) ?? 0) + 1)
    this.#watch.add(folder)
  }

  /** Forgets generations that are gone, or containers would leave a watch each. */
  prune(): void {
    for (const generation of this.#noted.keys()) if (generation.isGone) this.#drop(generation)
  }

  #drop(generation: Generation): void {
    const realPath = this.#noted.get(generation)
    if (realPath === undefined) return
    this.#noted.delete(generation)
    const isShared = [...this.#noted.values()].includes(realPath)
    if (!isShared) this.#aliases.delete(realPath)
    const folder = path.dirname(realPath)
    const users = (this.#users.get(folder) ?? 1) - 1
    if (users > 0) this.#users.set(folder, users)
    else {
      this.#users.delete(folder)
      if (!this.#folders.isWanted(folder)) this.#watch.remove(folder)
    }
  }
}

const none: ReadonlySet<string> = new Set()
