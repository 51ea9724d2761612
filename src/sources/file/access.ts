import { constants } from 'node:fs'
import path from 'node:path'
import { systemErrorCode, type File, type FileStat, type FileSystem } from '../../core/file-system.ts'
import { isUnder } from './discovery/glob.ts'
import { isRelated } from './rotated-names.ts'

/** Links may always lead here: container runtimes and logrotate put their files there (CONTRACT, Security). */
const systemRoots = ['/var/log', '/var/lib/docker/containers']

// O_NONBLOCK: a FIFO that takes a file's place between stat and open must not block a thread of the pool for ever.
export const openFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

export interface OpenedFile {
  readonly kind: 'opened'
  readonly file: File
  readonly stat: FileStat
  readonly realPath: string
}

export interface NotOpened {
  /** `missing`: no such file any more. `exhausted`: no descriptor left. `refused`: will not do until somebody acts. */
  readonly kind: 'missing' | 'exhausted' | 'refused'
  /** A plain sentence's end: "is not a regular file". */
  readonly reason: string
}

/** Opens log files of one source, and nothing that its config does not allow. */
export class Access {
  readonly #fileSystem: FileSystem
  readonly #fixedParts: readonly string[]
  readonly #linkRoots: readonly string[]
  #roots: Promise<readonly string[]> | undefined
  /** The same once they are resolved. */
  #rootsNow: readonly string[] | undefined

  constructor(fileSystem: FileSystem, fixedParts: readonly string[], linkRoots: readonly string[]) {
    this.#fileSystem = fileSystem
    this.#fixedParts = fixedParts
    this.#linkRoots = linkRoots
  }

  /** Roots are resolved anew from the next open on: a late folder may turn out to be a link. */
  forgetRoots(): void {
    this.#roots = undefined
    this.#rootsNow = undefined
  }

  /**
   * The caller has seen a regular file there: opening a FIFO would wake its writer, opening a tape rewind it.
   */
  async open(file: string): Promise<OpenedFile | NotOpened> {
    let handle: File | undefined
    try {
      handle = await this.#fileSystem.open(file, openFlags)
      const stat = await handle.stat()
      return await this.#check(handle, stat, await this.#realPathOf(file, handle, stat))
    } catch (error) {
      await handle?.close().catch(() => {})
      return notOpened(error)
    }
  }

  /**
   * The same before it returns; undefined where that will not do, for whatever reason: `open` tells. Blocks: only for a
   * file system that has answered a moment ago.
   */
  openNow(file: string): OpenedFile | undefined {
    const opened = this.#rootsNow && this.#fileSystem.openNow?.(file, openFlags, true)
    if (!opened) return undefined
    const stat = opened.file.statNow?.()
    const isFine =
      stat?.isFile === true &&
      stat.links > 0 &&
      this.#rootsNow!.some((root) => isUnder(opened.realPath, root))
    if (isFine) return { kind: 'opened', file: opened.file, stat, realPath: opened.realPath }
    closeNow(opened.file)
    return undefined
  }

  /** The same for a file that is open already; one that will not do is closed. */
  async accept(handle: File, realPath: string): Promise<OpenedFile | NotOpened> {
    try {
      return await this.#check(handle, await handle.stat(), realPath)
    } catch (error) {
      await handle.close().catch(() => {})
      return notOpened(error)
    }
  }

  /** After the open, on the descriptor: whoever may write to the folder could have switched the name before. */
  async #check(handle: File, stat: FileStat, realPath: string | undefined): Promise<OpenedFile | NotOpened> {
    let reason: NotOpened
    if (!stat.isFile) reason = refused('is not a regular file')
    else if (realPath === undefined) reason = { kind: 'missing', reason: 'was replaced while it was opened' }
    else if (await this.#isAllowed(realPath)) return { kind: 'opened', file: handle, stat, realPath }
    else reason = refused(`leads to ${realPath}, outside of its include; list the folder in follow_symlinks`)
    await handle.close()
    return reason
  }

  /**
   * Where the descriptor's file really is. Of what its name leads to by now nothing can be said: a file whose link was
   * switched right behind the open was taken for gone, and never read. Without the kernel's word: it was renamed, if at all,
   * within its folder.
   */
  async #realPathOf(file: string, handle: File, stat: FileStat): Promise<string | undefined> {
    const known = await handle.realPath?.()
    if (known !== undefined) return stat.links === 0 ? known.replace(/ \(deleted\)$/, '') : known
    const realPath = await this.#fileSystem.realpath(file).catch(() => undefined)
    if (realPath !== undefined && isSame(await this.#fileSystem.lstat(realPath).catch(() => undefined), stat))
      return realPath
    const folder = await this.#fileSystem.realpath(path.dirname(file))
    for (const entry of await this.#fileSystem.readdir(folder)) {
      if (entry.isDirectory || !isRelated(entry.name, path.basename(file))) continue
      const name = path.join(folder, entry.name)
      if (isSame(await this.#fileSystem.lstat(name).catch(() => undefined), stat)) return name
    }
    return undefined
  }

  async #isAllowed(realPath: string): Promise<boolean> {
    const roots = (this.#roots ??= this.#resolveRoots())
    const known = await roots
    // Forgotten meanwhile: these are old already.
    if (this.#roots === roots) this.#rootsNow = known
    return known.some((root) => isUnder(realPath, root))
  }

  async #resolveRoots(): Promise<readonly string[]> {
    const roots = new Set(this.#fixedParts)
    for (const root of [...systemRoots, ...this.#linkRoots]) {
      roots.add(path.resolve(root))
      roots.add(await this.#fileSystem.realpath(root).catch(() => path.resolve(root)))
    }
    for (const part of this.#fixedParts)
      if (await this.#isTrusted(part)) roots.add(await this.#fileSystem.realpath(part).catch(() => part))
    return [...roots]
  }

  /**
   * A fixed part may itself contain links (`/var/run`). They count as the operator's own only where root owns them, or
   * the owner of a folder could point it anywhere.
   */
  async #isTrusted(part: string): Promise<boolean> {
    for (let folder = part; folder !== '/'; folder = path.dirname(folder)) {
      const stat = await this.#fileSystem.lstat(folder).catch(() => undefined)
      if (!stat || (stat.isSymbolicLink && stat.owner !== 0)) return false
    }
    return true
  }
}

export function closeNow(file: File): void {
  if (file.closeNow) file.closeNow()
  else void file.close().catch(() => {})
}

const isSame = (named: FileStat | undefined, opened: FileStat): boolean =>
  named?.inode === opened.inode && named.device === opened.device

const refused = (reason: string): NotOpened => ({ kind: 'refused', reason })

/** What a failed stat or open means: gone, for now out of descriptors, or somebody has to act. */
export function notOpened(error: unknown): NotOpened {
  const code = systemErrorCode(error)
  if (code === '') throw error
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESTALE')
    return { kind: 'missing', reason: 'is gone' }
  if (code === 'EMFILE' || code === 'ENFILE')
    return { kind: 'exhausted', reason: `has no descriptor left (${code})` }
  return refused(
    code === 'EACCES' || code === 'EPERM' ? `may not be read (${code})` : `cannot be opened (${code})`,
  )
}
