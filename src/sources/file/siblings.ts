import path from 'node:path'
import type { FileStat, FileSystem } from '../../core/file-system.ts'
import { limits } from '../../core/limits.ts'
import type { OpenedFile } from './access.ts'
import type { Generation } from './generation.ts'
import { isLike } from './identity.ts'
import { isRelated } from './rotated-names.ts'

/** A folder that changes on and on is listed so often; a rotation of hundreds of files takes milliseconds. */
const maxListings = 20

/** So many names of one folder are looked at for a copy; the newest come first. */
const maxCopies = 64

export interface Sibling {
  readonly path: string
  readonly stat: FileStat
}

/** A copy that holds what was cut off, or the news that it is followed as a file of its own. */
export type Copy = { readonly path: string; readonly opened: OpenedFile } | 'own'

/** The names beside a file: where rotation puts what it moved or copied, whether or not a glob matches there. */
export class Siblings {
  readonly #fileSystem: FileSystem

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem
  }

  /** The folders in which a generation may live on: those of its names, and the one that a link led to. */
  async foldersOf(generation: Generation): Promise<readonly string[]> {
    const folders = new Set([path.dirname(generation.path)])
    for (const name of generation.paths) folders.add(path.dirname(name))
    const realPath = generation.realPath || (await this.#fileSystem.realpath(generation.path).catch(() => ''))
    if (realPath !== '') folders.add(path.dirname(realPath))
    return [...folders]
  }

  /** All regular files of a folder with their stats, links not followed. */
  async list(folder: string, wants: (name: string) => boolean = () => true): Promise<readonly Sibling[]> {
    const entries = await this.#fileSystem.readdir(folder).catch(() => [])
    const siblings: Sibling[] = []
    for (const entry of entries) {
      if (entry.isDirectory || entry.isSymbolicLink || !wants(entry.name)) continue
      const file = path.join(folder, entry.name)
      const stat = await this.#fileSystem.lstat(file).catch(() => undefined)
      if (stat?.isFile) siblings.push({ path: file, stat })
    }
    return siblings
  }

  /**
   * The same again and again, until two listings agree. While app.log.1 becomes .2 and .2 becomes .3, a file moves to a
   * name that was looked at already and is seen under neither: a start in the middle of a rotation gave files up that
   * were all there.
   */
  async *listings(folder: string): AsyncGenerator<readonly Sibling[]> {
    let before = ''
    for (let listings = 0; listings < maxListings; listings++) {
      const siblings = await this.list(folder)
      yield siblings
      const places = placesOf(siblings)
      if (places === before) return
      before = places
    }
  }

  /** The name under which the generation's inode is found now. */
  async byInode(generation: Generation): Promise<Sibling | undefined> {
    for (const folder of await this.foldersOf(generation))
      for await (const siblings of this.listings(folder)) {
        const found = siblings.find(
          ({ stat }) => stat.inode === generation.inode && stat.device === generation.device,
        )
        if (found) return found
      }
    return undefined
  }

  /**
   * The copy that copytruncate made before it truncated, known by head and mark. A copy that a glob matches is a file
   * of its own and brings the lines itself.
   */
  async copyOf(generation: Generation): Promise<Copy | undefined> {
    if (generation.position.mark.length === 0) return undefined
    for (const folder of await this.foldersOf(generation)) {
      const copies = await this.list(folder, (name) => isRelated(name, path.basename(generation.path)))
      const newestFirst = copies
        .filter((copy) => canBeCopy(copy.stat, generation))
        .sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs)
      for (const copy of newestFirst.slice(0, maxCopies)) {
        const found = await this.#compare(copy, generation)
        if (found) return found
      }
    }
    return undefined
  }

  async #compare(copy: Sibling, generation: Generation): Promise<Copy | undefined> {
    const opened = await generation.source.access.open(copy.path)
    if (opened.kind !== 'opened') return undefined
    const isCopy = await isLike(opened.file, generation.position).catch(() => false)
    if (isCopy && !generation.source.filter.matches(copy.path)) return { path: copy.path, opened }
    await opened.file.close()
    return isCopy ? 'own' : undefined
  }
}

const placesOf = (siblings: readonly Sibling[]): string =>
  siblings.map(({ path: file, stat }) => `${stat.inode} ${file}`).join('\n')

/** A copy holds all that we saw of the file, and is not older than what we saw. */
function canBeCopy(stat: FileStat, generation: Generation): boolean {
  const isSameFile = stat.inode === generation.inode && stat.device === generation.device
  if (isSameFile || stat.size < generation.size) return false
  // After a restart nothing is known of the times: then a short mark ("started\n") proves too little.
  if (Number.isNaN(generation.mtimeMs)) return generation.position.mark.length === limits.markBytes
  return stat.mtimeMs >= generation.mtimeMs - 2000
}
