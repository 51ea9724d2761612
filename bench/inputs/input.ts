import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { LogFormat } from '../formats/log-format.ts'
import { cacheFolder } from './cache-folder.ts'
import { Random } from './random.ts'

/** A folder of log files to ship. */
export interface Input {
  readonly folder: string
  readonly bytes: number
  /** What a pipeline that joins the parts of entries sends. */
  readonly events: number
  /** What one sends that does not. */
  readonly lines: number
}

interface Wanted {
  readonly format: LogFormat
  /** Of all files together; a little more is written, because entries stay whole. 0: empty files; 1: an entry in each. */
  readonly bytes: number
  readonly files: number
}

const seed = 42
const blockBytes = 1024 ** 2

/**
 * The input that is wanted, from the cache or made now (about 15 s for a gigabyte). Its name holds a hash of what the
 * format writes, so a format that changed gets a new one.
 */
export function prepareInput({ format, bytes, files }: Wanted): Input {
  const cache = cacheFolder('inputs')
  const name = `${format.name}-${bytes}-${files}-${fingerprint(format)}`
  const folder = join(cache, name)
  const facts = (): Input => ({ ...JSON.parse(readFileSync(join(folder, 'facts.json'), 'utf8')), folder })
  if (existsSync(join(folder, 'facts.json'))) return facts()
  process.stderr.write(`making ${(bytes / 1e9).toFixed(2)} GB of ${format.name} lines in ${files} files\n`)
  const unfinished = mkdtempSync(join(cache, `.${name}-`))
  const written = writeFiles(unfinished, { format, bytes, files })
  writeFileSync(join(unfinished, 'facts.json'), JSON.stringify(written))
  rmSync(folder, { recursive: true, force: true })
  renameSync(unfinished, folder)
  return facts()
}

/** What a pipeline of this input follows: all of its files. */
export function patternOf(input: Input): string {
  return join(input.folder, '*.log')
}

/** Reads the files once, so that every run finds them in memory. */
export function warm(input: Input): void {
  const block = Buffer.allocUnsafe(blockBytes)
  for (const name of readdirSync(input.folder)) {
    const fd = openSync(join(input.folder, name), 'r')
    while (readSync(fd, block) > 0);
    closeSync(fd)
  }
}

function fingerprint(format: LogFormat): string {
  const next = format.writer(new Random(seed))
  const hash = createHash('sha256')
  for (let entry = 0; entry < 5_000; entry++) hash.update(next())
  return hash.digest('hex').slice(0, 8)
}

function writeFiles(folder: string, { format, bytes, files }: Wanted): Omit<Input, 'folder'> {
  mkdirSync(folder, { recursive: true })
  const next = format.writer(new Random(seed))
  const written = { bytes: 0, events: 0, lines: 0 }
  for (let file = 1; file <= files; file++) {
    const fd = openSync(join(folder, `app-${String(file).padStart(5, '0')}.log`), 'w')
    const end = (bytes * file) / files
    const fewestEvents = bytes > 0 ? file : 0
    while (written.bytes < end || written.events < fewestEvents) {
      // A block for large files; small ones end with the line that fills them.
      const block = entriesOf(next, Math.min(blockBytes, end - written.bytes))
      written.events += block.length
      const text = `${block.join('\n')}\n`
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) written.lines += 1
      written.bytes += writeSync(fd, text)
    }
    closeSync(fd)
  }
  return written
}

/** About so many bytes of entries, one at least. */
function entriesOf(next: () => string, bytes: number): string[] {
  const entries = [next()]
  for (let size = entries[0]!.length; size < bytes; size += entries.at(-1)!.length) entries.push(next())
  return entries
}
