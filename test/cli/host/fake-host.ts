import path from 'node:path'
import type { DirectoryEntry, File, FileStat, FileSystem } from '../../../src/core/file-system.ts'
import type { Account } from '../../../src/cli/host/accounts.ts'
import type { Host, InotifyUse, Space } from '../../../src/cli/host/host.ts'

/** A file, a folder (its name ends in a slash) or a link of a host in memory. */
export interface FakeFile {
  readonly text?: string | Buffer
  readonly link?: string
  readonly mode?: number
  readonly owner?: number
  readonly group?: number
  /** So long ago; default now. */
  readonly ageMs?: number
  /** What `stat` says, where that is more than the text. */
  readonly size?: number
}

const nowMs = Date.UTC(2026, 10, 27, 12)

export interface FakeHostOptions {
  readonly account?: Account
  readonly space?: Partial<Space>
  readonly inotify?: InotifyUse
  readonly descriptorLimit?: number
}

/** A host in memory that refuses what modes refuse, so that no test needs root. */
export class FakeHost implements Host {
  readonly fileSystem: FileSystem
  readonly descriptorLimit: number
  account: Account
  readonly #space: Partial<Space>
  readonly #inotify: InotifyUse

  constructor(files: Readonly<Record<string, string | FakeFile>>, options: FakeHostOptions = {}) {
    this.account = options.account ?? { id: 1000, name: 'alice', groups: [1000] }
    this.descriptorLimit = options.descriptorLimit ?? 65_536
    this.#space = options.space ?? {}
    this.#inotify = options.inotify ?? { instances: 1, watches: 10 }
    this.fileSystem = fakeFileSystem(files, () => this.account)
  }

  nowMs = (): number => nowMs

  async space(): Promise<Space> {
    return {
      freeBytes: 50 * 1024 ** 3,
      totalBytes: 100 * 1024 ** 3,
      freeInodes: 1e6,
      totalInodes: 2e6,
      ...this.#space,
    }
  }

  async inotifyUse(): Promise<InotifyUse> {
    return this.#inotify
  }

  become(account: Account): boolean {
    if (this.account.id !== 0 && this.account.id !== account.id) return false
    this.account = account
    return true
  }
}

interface Node extends FakeFile {
  readonly isDirectory: boolean
}

function fakeFileSystem(
  files: Readonly<Record<string, string | FakeFile>>,
  account: () => Account,
): FileSystem {
  const nodes = new Map<string, Node>()
  for (const [name, file] of Object.entries(files)) {
    const own = typeof file === 'string' ? { text: file } : file
    const isDirectory = name.endsWith('/')
    const clean = isDirectory ? name.slice(0, -1) || '/' : name
    nodes.set(clean, { ...own, isDirectory })
    for (let folder = path.dirname(clean); !nodes.has(folder); folder = path.dirname(folder))
      nodes.set(folder, { isDirectory: true })
  }
  const inodes = [...nodes.keys()]
  const failure = (code: string, name: string): Error =>
    Object.assign(new Error(`${code}: ${name}`), { code, path: name })
  const resolve = (name: string, depth = 0): string => {
    const parent =
      name === '/'
        ? '/'
        : path.join(
            path.dirname(name) === '/' ? '/' : resolve(path.dirname(name), depth),
            path.basename(name),
          )
    const target = nodes.get(parent)?.link
    if (target === undefined) return parent
    if (depth > 10) throw failure('ELOOP', name)
    return resolve(path.resolve(path.dirname(parent), target), depth + 1)
  }
  const nodeAt = (name: string): Node => {
    const node = nodes.get(name)
    if (!node) throw failure('ENOENT', name)
    return node
  }
  const mayDo = (node: Node, bit: number): boolean => {
    const { id, groups } = account()
    const mode = node.mode ?? (node.isDirectory ? 0o755 : 0o644)
    if (id === 0) return true
    const shift = (node.owner ?? 0) === id ? 6 : groups.includes(node.group ?? 0) ? 3 : 0
    return ((mode >> shift) & bit) !== 0
  }
  const bytesOf = (node: Node): Buffer => Buffer.from(node.text ?? '')
  const statOf = (name: string): FileStat => {
    const node = nodeAt(name)
    const isSymbolicLink = node.link !== undefined
    return {
      device: 1,
      inode: inodes.indexOf(name) + 1,
      // Files of /proc say that they are empty.
      size: node.size ?? (name.startsWith('/proc/') ? 0 : bytesOf(node).length),
      mtimeMs: nowMs - (node.ageMs ?? 0),
      mode: (node.isDirectory ? 0o40000 : 0o100000) | (node.mode ?? (node.isDirectory ? 0o755 : 0o644)),
      links: 1,
      owner: node.owner ?? 0,
      group: node.group ?? 0,
      isFile: !node.isDirectory && !isSymbolicLink,
      isDirectory: node.isDirectory,
      isSymbolicLink,
    }
  }
  const open = async (name: string): Promise<File> => {
    const real = resolve(name)
    const node = nodeAt(real)
    if (!mayDo(node, 4)) throw failure('EACCES', name)
    const bytes = bytesOf(node)
    const readOnly = (): Promise<never> => Promise.reject(failure('EROFS', name))
    return {
      read: async (target, start, length, position) =>
        bytes.copy(target, start, position, Math.min(bytes.length, position + length)),
      write: readOnly,
      truncate: readOnly,
      datasync: readOnly,
      stat: async () => statOf(real),
      realPath: async () => real,
      close: async () => {},
    }
  }
  const readdir = async (name: string): Promise<DirectoryEntry[]> => {
    const real = resolve(name)
    const node = nodeAt(real)
    if (!node.isDirectory) throw failure('ENOTDIR', name)
    if (!mayDo(node, 4)) throw failure('EACCES', name)
    return [...nodes]
      .filter(([one]) => one !== '/' && path.dirname(one) === real)
      .map(([one, { isDirectory, link }]) => ({
        name: path.basename(one),
        isFile: !isDirectory && link === undefined,
        isDirectory,
        isSymbolicLink: link !== undefined,
      }))
  }
  const readOnly = (): Promise<never> => Promise.reject(failure('EROFS', '/'))
  return {
    open,
    readdir,
    stat: async (name) => statOf(resolve(name)),
    lstat: async (name) => statOf(name),
    realpath: async (name) => {
      nodeAt(resolve(name))
      return resolve(name)
    },
    mkdir: readOnly,
    rename: readOnly,
    unlink: readOnly,
    syncDirectory: readOnly,
    freeBytes: async () => 0,
  }
}
