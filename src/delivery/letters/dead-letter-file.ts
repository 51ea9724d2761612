import { constants } from 'node:fs'
import { join } from 'node:path'
import { systemErrorCode } from '../../core/file-system.ts'
import type { File, FileSystem } from '../../core/file-system.ts'
import { limits } from '../../core/limits.ts'
import { headBytes, readLetterHead } from './dead-letter.ts'
import type { LetterHead } from './dead-letter.ts'

const namePattern = /^(\d{3,15})\.ndjson$/
const newline = 0x0a
const readBytes = 256 * 1024

/** What is known of one file of dead letters without reading it. */
export interface LetterFile {
  readonly path: string
  readonly number: number
  bytes: number
  letters: number
  /** Wall clock of its first and last letter. */
  firstMs: number
  lastMs: number
  readonly bySource: Map<string, number>
  /** Not to be written to again. */
  isSealed: boolean
}

export const newLetterFile = (directory: string, number: number, nowMs: number): LetterFile => ({
  path: join(directory, `${String(number).padStart(3, '0')}.ndjson`),
  number,
  bytes: 0,
  letters: 0,
  firstMs: nowMs,
  lastMs: nowMs,
  bySource: new Map(),
  isSealed: false,
})

/** Counts a letter that is in the file now. */
export function countLetter(file: LetterFile, source: string, timeMs: number): void {
  if (file.letters === 0) file.firstMs = timeMs
  file.letters += 1
  file.lastMs = timeMs
  file.bySource.set(source, (file.bySource.get(source) ?? 0) + 1)
}

/** The file was written anew, with so many letters. */
export function countAnew(
  file: LetterFile,
  { stayed, bytes }: { readonly stayed: ReadonlyMap<string, number>; readonly bytes: number },
): void {
  file.bytes = bytes
  file.letters = 0
  file.bySource.clear()
  for (const [source, letters] of stayed) {
    file.bySource.set(source, letters)
    file.letters += letters
  }
}

/** Never follows a link: the folder is ours, but what stands in it may have been put there. */
export function openLetterFile(fileSystem: FileSystem, path: string): Promise<File> {
  return fileSystem.open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
}

/** The files of one sink, oldest first. What is not named like ours is left alone. */
export async function listLetterFiles(fileSystem: FileSystem, directory: string): Promise<LetterFile[]> {
  const files: LetterFile[] = []
  for (const entry of await fileSystem.readdir(directory)) {
    const match = entry.isFile ? namePattern.exec(entry.name) : null
    if (match)
      files.push({ ...newLetterFile(directory, Number(match[1]), 0), path: join(directory, entry.name) })
  }
  return files.sort((a, b) => a.number - b.number)
}

/**
 * Reads the heads of all lines. A torn last line (a crash in the middle of a write, before the cursor passed) is cut
 * off: its event comes again. A line in between that cannot be read is counted under the source ''. A file with a sector
 * that the disk cannot read is left as it is, and not written to again: it may be readable some day.
 */
export async function scanLetterFile(
  fileSystem: FileSystem,
  letterFile: LetterFile,
  onLetter: (head: LetterHead) => void,
): Promise<void> {
  const file = await openLetterFile(fileSystem, letterFile.path)
  try {
    const { size, mtimeMs } = await file.stat()
    letterFile.firstMs = letterFile.lastMs = Math.round(mtimeMs)
    const { whole, isBroken } = await scanLines(file, size, (line) => {
      const head = readLetterHead(line)
      countLetter(letterFile, head?.source ?? '', head?.timeMs || Math.round(mtimeMs))
      if (head) onLetter(head)
    })
    letterFile.isSealed = isBroken
    if (whole < size && !isBroken) {
      await file.truncate(whole)
      await file.datasync()
    }
    letterFile.bytes = isBroken ? size : whole
  } finally {
    await file.close()
  }
}

/** Calls `onLine` with the head of each whole line as latin1; `whole` is the offset after the last newline. */
async function scanLines(
  file: File,
  size: number,
  onLine: (head: string) => void,
): Promise<{ readonly whole: number; readonly isBroken: boolean }> {
  const block = Buffer.allocUnsafe(readBytes)
  let head = ''
  let position = 0
  let [whole, isBroken] = [0, false]
  for (;;) {
    const read = await readOrRefused(file, block, position)
    isBroken ||= read === 'refused'
    const length = read === 'refused' ? zeroSector(block, { position, size }) : read
    if (length === 0) return { whole, isBroken }
    const bytes = block.subarray(0, length)
    let at = 0
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, at)) {
      onLine(headOf(head, bytes.subarray(at, end)))
      head = ''
      at = end + 1
      whole = position + at
    }
    head = headOf(head, bytes.subarray(at))
    position += length
  }
}

function headOf(before: string, bytes: Buffer): string {
  if (before.length >= headBytes) return before
  return before + bytes.toString('latin1', 0, headBytes - before.length)
}

export async function readOrRefused(
  file: File,
  block: Uint8Array,
  position: number,
): Promise<number | 'refused'> {
  try {
    return await file.read(block, 0, block.length, position)
  } catch (error) {
    if (systemErrorCode(error) !== 'EIO') throw error
    return 'refused'
  }
}

/** Stands for a sector that the disk refused; returns its length. */
export function zeroSector(
  block: Uint8Array,
  { position, size }: { readonly position: number; readonly size: number },
): number {
  const { sectorBytes } = limits
  const length = Math.min(sectorBytes - (position % sectorBytes), Math.max(0, size - position))
  block.fill(0, 0, length)
  return length
}
