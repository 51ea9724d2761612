import path from 'node:path'
import { systemErrorCode } from '../../core/file-system.ts'
import type { FileStat, FileSystem } from '../../core/file-system.ts'
import type { AgentConfig } from '../../config/schema.ts'
import { Access } from '../../sources/file/access.ts'
import { PathFilter } from '../../sources/file/discovery/glob.ts'
import { fileSourceSchema } from '../../sources/file/index.ts'
import type { FileSourceConfig } from '../../sources/file/index.ts'
import { packedAs } from '../../sources/file/reading/packed.ts'

/** A file that a source would read, as the agent would find it. */
export interface SurveyedFile {
  readonly path: string
  readonly source: string
  readonly stat: FileStat
  /** Without links; the path itself where it cannot be opened. */
  readonly realPath: string
  /** Why it is not read, as the end of a sentence. */
  readonly refusal?: string
  /** It is there and may not be opened. */
  readonly isClosed: boolean
  readonly packed?: string
  /** Further sources that match it, and get nothing of it. */
  readonly others: readonly string[]
}

export interface SurveyedSource {
  readonly name: string
  readonly config: FileSourceConfig
  readonly filter: PathFilter
  readonly files: readonly SurveyedFile[]
}

export interface Survey {
  readonly sources: readonly SurveyedSource[]
  readonly files: readonly SurveyedFile[]
  /** Folders that the agent would watch. */
  readonly folders: readonly string[]
  /** Folders of an include that cannot be listed: path and error code. */
  readonly closedFolders: readonly { readonly path: string; readonly code: string }[]
  /** There is more than was looked at. */
  readonly isCut: boolean
}

/** More than that makes nothing clearer, and each costs some system calls. */
const mostFiles = 20_000
const mostFolders = 20_000
/** What compressed files begin with. */
const headBytes = 16

/** Finds the files of all file sources. Reads nothing but their first bytes. */
export async function surveyFiles(
  fileSystem: FileSystem,
  config: Pick<AgentConfig, 'sources'>,
): Promise<Survey> {
  const readers = Object.entries(config.sources)
    .filter(([, { type }]) => type === 'file')
    .map(([name, source]) => new Reader(name, fileConfigOf(source), fileSystem))
  const walk = new FileWalk(fileSystem, readers)
  for (const root of new Set(readers.flatMap(({ filter }) => filter.fixedParts))) await walk.from(root)
  const files: SurveyedFile[] = []
  for (const file of walk.files) {
    const [first, ...others] = readers.filter(({ filter }) => filter.matches(file))
    const found = first && (await first.look(file, others))
    if (found) files.push(found)
  }
  return {
    sources: readers.map(({ name, config: own, filter }) => ({
      name,
      config: own,
      filter,
      files: files.filter(({ source }) => source === name),
    })),
    files,
    folders: walk.folders,
    closedFolders: walk.closed,
    isCut: walk.isCut,
  }
}

/** The config has passed this schema: only what is the file source's own is picked. */
function fileConfigOf(source: Readonly<Record<string, unknown>>): FileSourceConfig {
  const keys = Object.keys(fileSourceSchema.shape)
  return fileSourceSchema.parse(Object.fromEntries(keys.map((key) => [key, source[key]])))
}

class Reader {
  readonly name: string
  readonly config: FileSourceConfig
  readonly filter: PathFilter
  readonly #access: Access
  readonly #fileSystem: FileSystem

  constructor(name: string, config: FileSourceConfig, fileSystem: FileSystem) {
    this.name = name
    this.config = config
    this.filter = new PathFilter(config.include, config.exclude)
    this.#access = new Access(fileSystem, this.filter.fixedParts, config.follow_symlinks)
    this.#fileSystem = fileSystem
  }

  async look(file: string, others: readonly Reader[]): Promise<SurveyedFile | undefined> {
    const stat = await this.#fileSystem.stat(file).catch(() => undefined)
    if (!stat || stat.isDirectory) return undefined
    const found = {
      path: file,
      source: this.name,
      stat,
      realPath: file,
      others: others.map(({ name }) => name),
    }
    if (!stat.isFile) return { ...found, refusal: 'is not a regular file', isClosed: false }
    const opened = await this.#access.open(file)
    if (opened.kind === 'missing') return undefined
    if (opened.kind !== 'opened')
      return { ...found, refusal: opened.reason, isClosed: opened.reason.startsWith('may not be read') }
    const head = Buffer.alloc(headBytes)
    const length = await opened.file.read(head, 0, headBytes, 0).catch(() => 0)
    await opened.file.close()
    const packed = packedAs(head.subarray(0, length))
    return { ...found, realPath: opened.realPath, isClosed: false, ...(packed !== undefined && { packed }) }
  }
}

class FileWalk {
  readonly files: string[] = []
  readonly folders: string[] = []
  readonly closed: { path: string; code: string }[] = []
  isCut = false
  readonly #seen = new Set<string>()
  readonly #fileSystem: FileSystem
  readonly #readers: readonly Reader[]

  constructor(fileSystem: FileSystem, readers: readonly Reader[]) {
    this.#fileSystem = fileSystem
    this.#readers = readers
  }

  async from(root: string): Promise<void> {
    const open = [root]
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      if (this.files.length >= mostFiles || this.folders.length >= mostFolders) {
        this.isCut = true
        return
      }
      if (this.#seen.has(folder)) continue
      // Also what cannot be listed: it may be the fixed part of an include, and below another's.
      this.#seen.add(folder)
      open.push(...(await this.#list(folder)))
    }
  }

  /** Takes the files of a folder; resolves to the folders below it that can hold more. */
  async #list(folder: string): Promise<string[]> {
    try {
      const entries = await this.#fileSystem.readdir(folder)
      this.folders.push(folder)
      const below: string[] = []
      for (const entry of entries) {
        const name = path.join(folder, entry.name)
        const mayContain = this.#readers.some(({ filter }) => filter.mayContain(name, entry.isSymbolicLink))
        const isFolder = entry.isDirectory || (!entry.isFile && mayContain && (await this.#isFolder(name)))
        if (isFolder && mayContain) below.push(name)
        else if (!isFolder && this.#readers.some(({ filter }) => filter.matches(name))) this.files.push(name)
      }
      return below
    } catch (error) {
      this.closed.push({ path: folder, code: systemErrorCode(error) })
      return []
    }
  }

  async #isFolder(name: string): Promise<boolean> {
    return (await this.#fileSystem.stat(name).catch(() => undefined))?.isDirectory ?? false
  }
}
