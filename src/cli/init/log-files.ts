import { extname, join } from 'node:path'
import { systemErrorCode } from '../../core/file-system.ts'
import type { DirectoryEntry } from '../../core/file-system.ts'
import { packedAs } from '../../sources/file/reading/packed.ts'
import type { Host } from '../host/host.ts'
import { firstBytes } from '../host/small-text.ts'
import { formatOf } from './format-of.ts'
import type { Format } from './format-of.ts'

/** A file that looks like a log. */
export interface LogFile {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
  /** Undefined where it may not be read. */
  readonly format: Format | undefined
}

export interface LogFolder {
  readonly path: string
  readonly files: readonly LogFile[]
  /** Why it cannot be listed: `EACCES`. */
  readonly closed?: string
}

/** What is looked at of a file. */
const headBytes = 64 * 1024
/** A folder with more has its format told by these. */
const mostFiles = 200
const deepest = 2

/** Names of old files: `app.log.1`, `app.log-20261120`, `app.log.2.gz`. */
const rotated = /\.(?:\d+|old|gz|xz|zst|bz2|zip|lz4)$|[-.]\d{8}(?:[-_T]?\d+)?(?:\.\w+)?$|\.log\.\d+/
/** Files of accounting, in formats of their own. */
const binaries =
  /^(?:[bw]tmp|lastlog|faillog|tallylog|README|.*\.(?:journal|db|sqlite|pid|sock|lock|pcap|core))$/

/** The logs of a folder and those below it; `isDeep` is false for a folder of many owners, such as /var/log. */
export async function logFolder(host: Host, path: string, isDeep = true): Promise<LogFolder> {
  const found: LogFile[] = []
  const open = [{ folder: path, depth: 0 }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { folder, depth } = next
    let entries: DirectoryEntry[]
    try {
      entries = await host.fileSystem.readdir(folder)
    } catch (error) {
      if (folder === path) return { path, files: [], closed: systemErrorCode(error) }
      continue
    }
    const below = isDeep && depth < deepest ? entries.filter(({ isDirectory }) => isDirectory) : []
    open.push(...below.map(({ name }) => ({ folder: join(folder, name), depth: depth + 1 })))
    for (const { name, isDirectory, isSymbolicLink } of entries) {
      // A link leads to a file that is found where it is, or that the agent may not follow.
      const isOwn = !isDirectory && !isSymbolicLink
      const isCandidate = isOwn && found.length < mostFiles && !rotated.test(name) && !binaries.test(name)
      const file = isCandidate && (await logFile(host, join(folder, name)))
      if (file) found.push(file)
    }
  }
  return { path, files: found.sort((a, b) => (a.path < b.path ? -1 : 1)) }
}

/** Undefined for what is no log. */
export async function logFile(host: Host, path: string): Promise<LogFile | undefined> {
  const stat = await host.fileSystem.stat(path).catch(() => undefined)
  if (!stat?.isFile) return undefined
  const head = await firstBytes(host.fileSystem, path, headBytes)
  if (head && packedAs(head) !== undefined) return undefined
  const format = head && formatOf(head)
  if (head && !format) return undefined
  return { path, size: stat.size, mtimeMs: stat.mtimeMs, format }
}

/** The glob that means this path alone: whoever makes a folder called `[a]*` must not decide what is read. */
export const literal = (path: string): string => path.replaceAll(/[\\*?[\]{}()!+@|]/g, String.raw`\$&`)

/** Globs that match these files and what will come beside them: `*.log` at every depth that there is, other names as they are. */
export function patternsOf(folder: string, files: readonly LogFile[]): string[] {
  const start = literal(folder)
  const patterns = files.map(({ path }) => {
    const below = path.slice(folder.length + 1)
    const extension = extname(below)
    const isKnown = /^\.(?:log|json|ndjson|jsonl|out|err|txt)$/.test(extension)
    if (!isKnown) return literal(path)
    return below.includes('/') ? `${start}/**/*${extension}` : `${start}/*${extension}`
  })
  const all = new Set(patterns)
  // The one for every depth has the files of the folder itself, too.
  const isCovered = (pattern: string): boolean =>
    pattern.startsWith(`${start}/*.`) && all.has(`${start}/**/*${extname(pattern)}`)
  return [...all].filter((pattern) => !isCovered(pattern)).sort()
}
