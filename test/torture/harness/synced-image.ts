import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

interface Write {
  readonly at: number
  /** Undefined for a truncation to `at`. */
  readonly bytes: Buffer | undefined
}

class FileNode {
  durable: Buffer
  unsynced: Write[] = []

  constructor(durable = Buffer.alloc(0)) {
    this.durable = durable
  }

  sync(): void {
    for (const write of this.unsynced) this.durable = applied(this.durable, write)
    this.unsynced = []
  }
}

class FolderNode {
  readonly names = new Map<string, Node>()
  readonly durable = new Map<string, Node>()
  unsynced: { readonly name: string; readonly node: Node | undefined }[] = []

  set(name: string, node: Node | undefined): void {
    put(this.names, name, node)
    this.unsynced.push({ name, node })
  }

  sync(): void {
    for (const { name, node } of this.unsynced) put(this.durable, name, node)
    this.unsynced = []
  }
}

type Node = FileNode | FolderNode

/** Whether an unsynced change reached the disk all the same. By default none did. */
export type Survives = () => boolean

const none: Survives = () => false

/**
 * What a power cut leaves of a folder, by the calls that strace saw: bytes as of the last fsync or fdatasync of their
 * file, names as of the last fsync of their folder, and no more, whatever file systems usually do beyond that.
 */
export class SyncedImage {
  readonly #root = new FolderNode()
  readonly #path: string
  readonly #open = new Map<number, Node>()
  /** Holds the folder itself by its name. */
  readonly #above = new FolderNode()

  /** What lies in the folder now counts as synced; or it was not there when the log began. */
  constructor(path: string, before: 'as it is' | 'empty' = 'as it is') {
    this.#path = path
    if (before === 'empty') return
    load(path, this.#root)
    if (existsSync(path)) this.#above.durable.set(basename(path), this.#root)
  }

  /** Takes over the calls of a log that `traced` wrote with all bytes. */
  replay(log: string): void {
    const begun = new Map<string, string>()
    for (const line of readFileSync(log, 'latin1').split('\n')) {
      const [, pid = '', rest = ''] = /^(\d+) +[\d.]+ (.*)$/.exec(line) ?? []
      const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1]
      const whole = resumed === undefined ? rest : (begun.get(pid) ?? '') + resumed
      if (whole.endsWith('<unfinished ...>')) begun.set(pid, whole.slice(0, -'<unfinished ...>'.length))
      else this.#call(whole)
    }
  }

  /** The synced bytes of the files whose path ends so, one after the other. */
  synced(ending: string): Buffer {
    return Buffer.concat(
      filesOf(this.#path, this.#root).flatMap(([path, { durable }]) =>
        path.endsWith(ending) ? durable : [],
      ),
    )
  }

  /** Whether a file whose path ends so holds what a power cut would take. */
  hasUnsynced(ending: string): boolean {
    return filesOf(this.#path, this.#root).some(
      ([path, { unsynced }]) => path.endsWith(ending) && unsynced.length > 0,
    )
  }

  /** Puts the image in the place of the folder. */
  restore(survives: Survives = none): void {
    rmSync(this.#path, { recursive: true, force: true })
    if (this.#above.durable.has(basename(this.#path))) restore(this.#path, this.#root, survives)
  }

  #call(text: string): void {
    const [, name, rest, result] = /^(\w+)\((.*)\)\s+= (\d+)/.exec(text) ?? []
    if (name === undefined || rest === undefined) return
    const [first, second] = [...rest.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) => bytesOf(hex!))
    const node = this.#open.get(Number.parseInt(rest))
    if (name === 'openat') this.#opened(String(first), rest, Number(result))
    else if (name === 'mkdir') this.#name(String(first), new FolderNode())
    else if (name === 'unlink') this.#name(String(first), undefined)
    else if (name === 'rename') {
      this.#name(String(second), this.#find(String(first)))
      this.#name(String(first), undefined)
    } else if (name === 'fsync' || name === 'fdatasync') node?.sync()
    else if (node instanceof FileNode) changeFile(node, { name, rest, bytes: first, result: Number(result) })
  }

  #opened(path: string, flags: string, descriptor: number): void {
    let node = this.#find(path)
    if (!node && flags.includes('O_CREAT')) {
      node = new FileNode()
      this.#name(path, node)
    }
    if (flags.includes('O_TRUNC') && node instanceof FileNode) node.unsynced.push({ at: 0, bytes: undefined })
    if (node) this.#open.set(descriptor, node)
    else this.#open.delete(descriptor)
  }

  #name(path: string, node: Node | undefined): void {
    if (path === this.#path) return this.#above.set(basename(path), this.#root)
    const folder = this.#find(dirname(path))
    if (folder instanceof FolderNode) folder.set(basename(path), node)
  }

  #find(path: string): Node | undefined {
    if (path === dirname(this.#path)) return this.#above
    if (path !== this.#path && !path.startsWith(`${this.#path}/`)) return undefined
    let node: Node | undefined = this.#root
    for (const name of path.slice(this.#path.length).split('/').filter(Boolean))
      node = node instanceof FolderNode ? node.names.get(name) : undefined
    return node
  }
}

interface Change {
  readonly name: string
  readonly rest: string
  readonly bytes: Buffer | undefined
  readonly result: number
}

function changeFile(file: FileNode, { name, rest, bytes, result }: Change): void {
  const last = Number(/, (\d+)$/.exec(rest)?.[1])
  if (name === 'pwrite64') file.unsynced.push({ at: last, bytes: bytes!.subarray(0, result) })
  else if (name === 'ftruncate') file.unsynced.push({ at: last, bytes: undefined })
  else if (name !== 'pread64' && name !== 'read') throw new Error(`the image does not know ${name}(${rest})`)
}

function applied(content: Buffer, { at, bytes }: Write): Buffer {
  const size = bytes ? Math.max(content.length, at + bytes.length) : at
  const grown = size === content.length ? Buffer.from(content) : Buffer.alloc(size)
  if (size !== content.length) content.copy(grown, 0, 0, Math.min(size, content.length))
  if (bytes) grown.set(bytes, at)
  return grown
}

function load(path: string, into: FolderNode): void {
  let entries
  try {
    entries = readdirSync(path, { withFileTypes: true })
  } catch {
    return
  }
  for (const entry of entries) {
    const below = join(path, entry.name)
    const node = entry.isDirectory() ? new FolderNode() : new FileNode(readFileSync(below))
    if (node instanceof FolderNode) load(below, node)
    into.set(entry.name, node)
  }
  into.sync()
}

function restore(path: string, folder: FolderNode, survives: Survives): void {
  mkdirSync(path, { mode: 0o700 })
  const names = new Map(folder.durable)
  // A folder's changes reach the disk in their order, those of a file in any.
  for (const { name, node } of folder.unsynced) {
    if (!survives()) break
    put(names, name, node)
  }
  for (const [name, node] of names) {
    if (node instanceof FolderNode) restore(join(path, name), node, survives)
    else writeFileSync(join(path, name), contentOf(node, survives), { mode: 0o600 })
  }
}

const contentOf = ({ durable, unsynced }: FileNode, survives: Survives): Buffer =>
  unsynced.filter(survives).reduce(applied, durable)

function filesOf(path: string, folder: FolderNode): [string, FileNode][] {
  return [...folder.names].flatMap(([name, node]): [string, FileNode][] =>
    node instanceof FolderNode ? filesOf(join(path, name), node) : [[join(path, name), node]],
  )
}

function put(names: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node) names.set(name, node)
  else names.delete(name)
}

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll('\\x', ''), 'hex')
