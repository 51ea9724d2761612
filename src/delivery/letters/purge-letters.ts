import { constants } from 'node:fs'
import { dirname } from 'node:path'
import { systemErrorCode } from '../../core/file-system.ts'
import type { File, FileSystem } from '../../core/file-system.ts'
import { limits } from '../../core/limits.ts'
import { readFlags } from './open-to-read.ts'
import { toSummary } from './read-letters.ts'
import type { LetterSummary } from './read-letters.ts'
import { wholeLines } from './whole-lines.ts'
import type { LineInFile } from './whole-lines.ts'

/** Letters of one file by source: those that left, and those that stayed (under '' what is no letter). */
export interface PurgedFile {
  readonly left: ReadonlyMap<string, number>
  readonly stayed: ReadonlyMap<string, number>
  /** Of the file now, 0 where nothing stayed: then it is gone. */
  readonly bytes: number
}

/** What becomes of a letter: it stays as it is, it leaves, or it stays as this line, which has no newline. */
export type Fate = 'stays' | 'leaves' | Uint8Array

export type FateOf = (letter: LetterSummary, line: Buffer) => Fate

const newFlags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const newline = Buffer.from('\n')

/** Takes letters out of a file that nobody writes to meanwhile: see `rewriteFile`. */
export function purgeFile(
  fileSystem: FileSystem,
  path: string,
  leaves: (letter: LetterSummary) => boolean,
): Promise<PurgedFile> {
  return rewriteFile(fileSystem, path, (letter) => (leaves(letter) ? 'leaves' : 'stays'))
}

/**
 * Writes a file of letters anew. What stays goes to a file of its own and is synced before that takes the place of the old
 * one: a crash leaves either. Rejects, with the old one untouched, where the disk cannot read all of it.
 */
export async function rewriteFile(fileSystem: FileSystem, path: string, fateOf: FateOf): Promise<PurgedFile> {
  const temporary = `${path}.new`
  await fileSystem.unlink(temporary).catch((error: unknown) => {
    if (systemErrorCode(error) !== 'ENOENT') throw error
  })
  const from = await fileSystem.open(path, readFlags)
  const to = await fileSystem.open(temporary, newFlags, 0o600)
  const sorter = new Sorter(path, new Appender(to), fateOf)
  try {
    for await (const lines of wholeLines(from, readOrReject))
      for (const line of lines) await sorter.take(line)
    await sorter.kept.flush()
    await to.datasync()
  } catch (error) {
    // Half a copy on a full disk is in the way of all else.
    await fileSystem.unlink(temporary).catch(() => {})
    throw error
  } finally {
    await from.close()
    await to.close()
  }
  const { left, stayed, kept, isChanged } = sorter
  if (!isChanged) await fileSystem.unlink(temporary)
  else await replace(fileSystem, { path, temporary, isEmpty: stayed.size === 0 })
  return { left, stayed, bytes: kept.bytes }
}

/** Tells lines apart, and writes those that stay. */
class Sorter {
  readonly left = new Map<string, number>()
  readonly stayed = new Map<string, number>()
  readonly kept: Appender
  isChanged = false
  readonly #path: string
  readonly #fateOf: FateOf

  constructor(path: string, kept: Appender, fateOf: FateOf) {
    this.kept = kept
    this.#path = path
    this.#fateOf = fateOf
  }

  async take(line: LineInFile): Promise<void> {
    const letter = toSummary(this.#path, line)?.letter
    const fate = letter && line.bytes ? this.#fateOf(letter, line.bytes) : 'stays'
    count(fate === 'leaves' ? this.left : this.stayed, letter?.source ?? '')
    this.isChanged ||= fate !== 'stays'
    if (fate === 'leaves') return
    if (fate !== 'stays') await this.kept.add(fate)
    // A line that is too long to be held is no letter, and of no use to anybody.
    else if (line.bytes) await this.kept.add(line.bytes)
  }
}

async function replace(
  fileSystem: FileSystem,
  {
    path,
    temporary,
    isEmpty,
  }: { readonly path: string; readonly temporary: string; readonly isEmpty: boolean },
): Promise<void> {
  if (isEmpty) await fileSystem.unlink(path)
  else await fileSystem.rename(temporary, path)
  try {
    if (isEmpty) await fileSystem.unlink(temporary)
    await fileSystem.syncDirectory(dirname(path))
  } catch {
    // It is done: who were told otherwise would write behind the end of the old file. A power cut may bring that one back.
  }
}

/** Writes lines in large pieces. */
class Appender {
  readonly #file: File
  #parts: Uint8Array[] = []
  #pending = 0
  #at = 0

  constructor(file: File) {
    this.#file = file
  }

  /** Of all lines. */
  get bytes(): number {
    return this.#at + this.#pending
  }

  async add(line: Uint8Array): Promise<void> {
    this.#parts.push(line, newline)
    this.#pending += line.length + 1
    if (this.#pending >= limits.deadLetterWriteBytes) await this.flush()
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#parts)
    this.#parts = []
    this.#pending = 0
    if (bytes.length > 0) await this.#file.write(bytes, this.#at)
    this.#at += bytes.length
  }
}

const readOrReject = (file: File, block: Uint8Array, position: number): Promise<number> =>
  file.read(block, 0, block.length, position)

const count = (counts: Map<string, number>, source: string): void =>
  void counts.set(source, (counts.get(source) ?? 0) + 1)
