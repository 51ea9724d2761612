import { Buffer } from 'node:buffer'
import { constants } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DirectoryEntry, File, FileStat, FileSystem } from '../../src/core/file-system.ts'
import { statOf } from './memory-stat.ts'
import { SparseBytes } from './sparse-bytes.ts'

export type OperationKind =
  | 'open'
  | 'read'
  | 'write'
  | 'datasync'
  | 'truncate'
  | 'rename'
  | 'unlink'
  | 'mkdir'
  | 'readdir'
  | 'syncDirectory'

export interface Operation {
  readonly kind: OperationKind
  readonly path: string
  readonly position?: number
  readonly length?: number
}

/** What a crash may do with what was not synced. `random` gives numbers from 0 to 1. */
export interface CrashOptions {
  /** `lost`: nothing unsynced survives. `kept`: all does (a killed process). `torn`: each write whole, in part or not at all. */
  readonly unsynced: 'lost' | 'kept' | 'torn'
  readonly random?: () => number
}

interface Write {
  readonly at: number
  /** Undefined for a truncation to `at`. */
  readonly bytes: Buffer | undefined
}

class Node {
  content = new SparseBytes()
  durable = new SparseBytes()
  unsynced: Write[] = []
  readonly isDirectory: boolean
  readonly inode: number
  readonly target: string | undefined

  constructor(inode: number, isDirectory: boolean, target?: string) {
    this.inode = inode
    this.isDirectory = isDirectory
    this.target = target
  }

  apply(write: Write): void {
    applyTo(this.content, write)
    this.unsynced.push(write)
  }
}

/**
 * A disk in memory that knows what is synced, so that a test can cut the power: names that were not synced in their
 * folder and bytes that were not synced in their file are then lost, torn or kept. `fault` makes operations fail, and
 * `capacity` makes writes run out of space in the middle, as a real disk does.
 */
export class MemoryFileSystem implements FileSystem {
  /** Returns an error code (`EIO`) for operations that are to fail. */
  fault: ((operation: Operation) => string | undefined) | undefined
  /** How much of a read is given at most, where that is less than was asked for. */
  shortRead: ((length: number) => number) | undefined
  /** Syncs wait for it, as those of a slow disk do. */
  syncing: Promise<void> | undefined
  /** Bytes that files may take in all. */
  capacity = Infinity
  readonly operations: Operation[] = []
  #names = new Map<string, Node>()
  #durableNames = new Map<string, Node>()
  #nameChanges: { readonly directory: string; readonly path: string; readonly node: Node | undefined }[] = []
  #inodes = 1

  constructor() {
    const root = new Node(0, true)
    this.#names.set('/', root)
    this.#durableNames.set('/', root)
  }

  async open(path: string, flags: number | string): Promise<File> {
    this.#begin({ kind: 'open', path })
    const bits = typeof flags === 'number' ? flags : constants.O_RDONLY
    let node = this.#names.get(path)
    if (node?.target !== undefined) throw failure('ELOOP', path)
    if (node && bits & constants.O_EXCL) throw failure('EEXIST', path)
    if (!node) {
      if (!(bits & constants.O_CREAT)) throw failure('ENOENT', path)
      node = new Node((this.#inodes += 1), false)
      this.#setName(path, node)
    }
    if (bits & constants.O_TRUNC) node.apply({ at: 0, bytes: undefined })
    return new MemoryFile(this, path, node)
  }

  async readdir(path: string): Promise<DirectoryEntry[]> {
    this.#begin({ kind: 'readdir', path })
    return [...this.#names]
      .filter(([name]) => name !== '/' && dirname(name) === path)
      .map(([name, node]) => ({
        name: name.slice(join(path, '/').length),
        isFile: !node.isDirectory && node.target === undefined,
        isDirectory: node.isDirectory,
        isSymbolicLink: node.target !== undefined,
      }))
  }

  async stat(path: string): Promise<FileStat> {
    return statOf(this.#node(path))
  }

  async lstat(path: string): Promise<FileStat> {
    return statOf(this.#node(path))
  }

  async realpath(path: string): Promise<string> {
    this.#node(path)
    return path
  }

  async mkdir(path: string, options: { recursive?: boolean }): Promise<void> {
    this.#begin({ kind: 'mkdir', path })
    if (this.#names.has(path)) {
      if (options.recursive) return
      throw failure('EEXIST', path)
    }
    if (options.recursive) await this.mkdir(dirname(path), options)
    const node = new Node((this.#inodes += 1), true)
    this.#setName(path, node)
  }

  async rename(from: string, to: string): Promise<void> {
    this.#begin({ kind: 'rename', path: from })
    const node = this.#node(from)
    this.#setName(to, node)
    this.#setName(from, undefined)
  }

  async unlink(path: string): Promise<void> {
    this.#begin({ kind: 'unlink', path })
    this.#node(path)
    this.#setName(path, undefined)
  }

  async syncDirectory(path: string): Promise<void> {
    this.#begin({ kind: 'syncDirectory', path })
    this.#keepNames((change) => change.directory === path)
  }

  async freeBytes(): Promise<number> {
    return Math.max(0, this.capacity - this.#usedBytes())
  }

  /** The disk as one process has it: after a crash nothing that this process still does reaches it. */
  forProcess(): FileSystem {
    const { generation } = this
    // In the same turn as what is done then: a crash between the two would let a dead process delete its successor's files.
    const alive = (path: string): this => {
      if (generation !== this.generation) throw failure('EBADF', path)
      return this
    }
    return {
      open: async (path, flags) => alive(path).open(path, flags),
      readdir: async (path) => alive(path).readdir(path),
      stat: async (path) => alive(path).stat(path),
      lstat: async (path) => alive(path).lstat(path),
      realpath: async (path) => alive(path).realpath(path),
      mkdir: async (path, options) => alive(path).mkdir(path, options),
      rename: async (from, to) => alive(from).rename(from, to),
      unlink: async (path) => alive(path).unlink(path),
      syncDirectory: async (path) => alive(path).syncDirectory(path),
      freeBytes: async (path) => alive(path).freeBytes(),
    }
  }

  /** Files below `folder`, with what they hold now. */
  files(folder = '/'): Map<string, Buffer> {
    const found = [...this.#names].filter(([path, node]) => !node.isDirectory && path.startsWith(folder))
    return new Map(found.map(([path, { content }]) => [path, content.read(0, content.size)]))
  }

  has(path: string): boolean {
    return this.#names.has(path)
  }

  read(path: string): Buffer {
    const { content } = this.#node(path)
    return content.read(0, content.size)
  }

  /** Puts bytes there as if they had always been there. */
  put(path: string, bytes: Uint8Array): void {
    this.#putContent(path, SparseBytes.from(bytes))
  }

  #putContent(path: string, content: SparseBytes): void {
    const node = this.#names.get(path) ?? new Node((this.#inodes += 1), false)
    node.content = content
    node.durable = content.copy()
    node.unsynced = []
    this.#names.set(path, node)
    this.#durableNames.set(path, node)
  }

  putLink(path: string, target: string): void {
    this.#names.set(path, new Node((this.#inodes += 1), false, target))
  }

  remove(path: string): void {
    this.#names.delete(path)
    this.#durableNames.delete(path)
  }

  /** Damages one byte, on disk and in the cache. */
  flip(path: string, at: number, mask = 0x01): void {
    for (const bytes of [this.#node(path).content, this.#node(path).durable]) {
      const byte = bytes.read(at, 1)
      if (byte.length > 0) bytes.write(at, Buffer.from([byte[0]! ^ mask]))
    }
  }

  /** Another disk with the same files; everything counts as synced. */
  copy(): MemoryFileSystem {
    const other = new MemoryFileSystem()
    for (const [path, node] of this.#names) {
      if (node.isDirectory) other.#setName(path, node)
      else other.#putContent(path, node.content.copy())
    }
    other.#keepNames(() => true)
    return other
  }

  /** The power goes: files that are open are of no use afterwards, and only what was synced is certain to be there. */
  crash({ unsynced, random = Math.random }: CrashOptions): void {
    this.#generation += 1
    this.fault = undefined
    const kept = { lost: 0, kept: Infinity, torn: Math.floor(random() * (this.#nameChanges.length + 1)) }
    for (const change of this.#nameChanges.slice(0, kept[unsynced])) this.#keepName(change)
    this.#nameChanges = []
    this.#names = new Map(this.#durableNames)
    for (const node of new Set(this.#names.values())) {
      if (unsynced === 'lost') node.content = node.durable
      if (unsynced === 'torn') node.content = torn(node, random)
      node.durable = node.content.copy()
      node.unsynced = []
    }
  }

  // What MemoryFile uses.

  #generation = 0

  get generation(): number {
    return this.#generation
  }

  begin(operation: Operation): void {
    this.#begin(operation)
  }

  write(path: string, node: Node, write: { readonly at: number; readonly bytes: Buffer }): void {
    this.#begin({ kind: 'write', path, position: write.at })
    const written = node.content.write(write.at, write.bytes, this.capacity - this.#usedBytes())
    if (written > 0) node.unsynced.push({ at: write.at, bytes: write.bytes.subarray(0, written) })
    if (written < write.bytes.length) throw failure('ENOSPC', path)
  }

  /** A sync that fails leaves the pages clean in the cache: they are never written, and the next sync says yes. */
  datasync(path: string, node: Node): void {
    try {
      this.#begin({ kind: 'datasync', path })
    } catch (error) {
      node.unsynced = []
      throw error
    }
    for (const write of node.unsynced) applyTo(node.durable, write)
    node.unsynced = []
  }

  #begin(operation: Operation): void {
    this.operations.push(operation)
    const code = this.fault?.(operation)
    if (code) throw failure(code, operation.path)
  }

  #node(path: string): Node {
    const node = this.#names.get(path)
    if (!node) throw failure('ENOENT', path)
    return node
  }

  #setName(path: string, node: Node | undefined): void {
    if (node) this.#names.set(path, node)
    else this.#names.delete(path)
    this.#nameChanges.push({ directory: dirname(path), path, node })
  }

  #keepNames(isMeant: (change: { readonly directory: string }) => boolean): void {
    for (const change of this.#nameChanges) if (isMeant(change)) this.#keepName(change)
    this.#nameChanges = this.#nameChanges.filter((change) => !isMeant(change))
  }

  #keepName({ path, node }: { readonly path: string; readonly node: Node | undefined }): void {
    if (node) this.#durableNames.set(path, node)
    else this.#durableNames.delete(path)
  }

  #usedBytes(): number {
    let bytes = 0
    for (const node of this.#names.values()) bytes += node.content.used
    return bytes
  }
}

class MemoryFile implements File {
  readonly #disk: MemoryFileSystem
  readonly #path: string
  readonly #node: Node
  readonly #generation: number
  #isClosed = false

  constructor(disk: MemoryFileSystem, path: string, node: Node) {
    this.#disk = disk
    this.#path = path
    this.#node = node
    this.#generation = disk.generation
  }

  async read(target: Uint8Array, targetStart: number, length: number, position: number): Promise<number> {
    this.#check()
    this.#disk.begin({ kind: 'read', path: this.#path, position, length })
    const part = this.#node.content.read(position, this.#disk.shortRead?.(length) ?? length)
    target.set(part, targetStart)
    return part.length
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    this.#check()
    this.#disk.write(this.#path, this.#node, { at: position, bytes: Buffer.from(bytes) })
  }

  async stat(): Promise<FileStat> {
    return statOf(this.#node)
  }

  async truncate(size: number): Promise<void> {
    this.#check()
    this.#disk.begin({ kind: 'truncate', path: this.#path })
    this.#node.apply({ at: size, bytes: undefined })
  }

  async datasync(): Promise<void> {
    this.#check()
    if (this.#disk.syncing) await this.#disk.syncing
    this.#check()
    this.#disk.datasync(this.#path, this.#node)
  }

  async close(): Promise<void> {
    this.#isClosed = true
  }

  #check(): void {
    if (this.#isClosed) throw failure('EBADF', this.#path)
    // A process that died does nothing any more: without this a test's old buffer would write into the new one's disk.
    if (this.#generation !== this.#disk.generation) throw failure('EBADF', this.#path)
  }
}

function applyTo(content: SparseBytes, { at, bytes }: Write): void {
  if (bytes) content.write(at, bytes)
  else content.truncate(at)
}

function torn(node: Node, random: () => number): SparseBytes {
  const content = node.durable.copy()
  for (const write of node.unsynced) {
    const chance = random()
    if (chance < 0.3) continue
    const { at, bytes } = write
    const isCut = bytes !== undefined && chance < 0.6
    applyTo(content, isCut ? { at, bytes: bytes.subarray(0, Math.floor(random() * bytes.length)) } : write)
  }
  return content
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}
