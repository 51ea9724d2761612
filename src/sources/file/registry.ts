import path from 'node:path'
import type { FileStat } from '../../core/file-system.ts'
import type { Generation } from './generation.ts'

/** All generations that are followed, by id, by inode and by the paths at which they are seen now. */
export class Registry {
  readonly #byId = new Map<string, Generation>()
  readonly #byInode = new Map<string, Generation>()
  readonly #byPath = new Map<string, Generation>()
  /** The paths of each folder, or each folder's walk would go through those of all. */
  readonly #pathsIn = new Map<string, Set<string>>()
  /** Who was at a path last, while that generation is still followed. */
  readonly #formerlyAt = new Map<string, Generation>()

  get size(): number {
    return this.#byId.size
  }

  all(): IterableIterator<Generation> {
    return this.#byId.values()
  }

  byId(id: string): Generation | undefined {
    return this.#byId.get(id)
  }

  /** The generation that the file's inode holds now. An open one cannot be mistaken: its inode is not free. */
  holding(stat: Pick<FileStat, 'device' | 'inode'>): Generation | undefined {
    return this.#byInode.get(inodeKey(stat))
  }

  at(name: string): Generation | undefined {
    return this.#byPath.get(name)
  }

  paths(): IterableIterator<string> {
    return this.#byPath.keys()
  }

  pathsIn(folder: string): readonly string[] {
    return [...(this.#pathsIn.get(folder) ?? [])]
  }

  add(generation: Generation): void {
    this.#byId.set(generation.id, generation)
    this.#byInode.set(inodeKey(generation), generation)
  }

  /** One whose file is not there: its inode may be another's by now. */
  addGone(generation: Generation): void {
    this.#byId.set(generation.id, generation)
  }

  remove(generation: Generation): void {
    for (const name of generation.paths) this.detach(name)
    for (const name of generation.formerPaths)
      if (this.#formerlyAt.get(name) === generation) this.#formerlyAt.delete(name)
    // One that was given up and came back has the same id.
    if (this.#byId.get(generation.id) === generation) this.#byId.delete(generation.id)
    this.releaseInode(generation)
  }

  /** Its file's inode belongs to somebody else from now on: deleted, or truncated and written anew. */
  releaseInode(generation: Generation): void {
    if (this.#byInode.get(inodeKey(generation)) === generation) this.#byInode.delete(inodeKey(generation))
  }

  /** Follows the generation into another file: a copy that holds what was cut off the first. */
  moveInode(generation: Generation, stat: Pick<FileStat, 'device' | 'inode'>): void {
    this.releaseInode(generation)
    generation.device = stat.device
    generation.inode = stat.inode
    this.#byInode.set(inodeKey(generation), generation)
  }

  attach(name: string, generation: Generation): void {
    this.detach(name)
    this.#byPath.set(name, generation)
    generation.paths.add(name)
    const folder = path.dirname(name)
    const others = this.#pathsIn.get(folder)
    if (others) others.add(name)
    else this.#pathsIn.set(folder, new Set([name]))
  }

  detach(name: string): void {
    const generation = this.#byPath.get(name)
    if (!generation) return
    this.#byPath.delete(name)
    generation.leave(name)
    this.#formerlyAt.set(name, generation)
    const folder = path.dirname(name)
    const others = this.#pathsIn.get(folder)
    if (others?.delete(name) && others.size === 0) this.#pathsIn.delete(folder)
  }

  /** The generation that was at the path before, for one that begins there: its lines come first. */
  predecessorAt(name: string): Generation | undefined {
    return this.#byPath.get(name) ?? this.#formerlyAt.get(name)
  }
}

const inodeKey = (file: Pick<FileStat, 'device' | 'inode'>): string => `${file.device}:${file.inode}`
