import { systemErrorCode } from '../../core/file-system.ts'
import type { File, FileSystem } from '../../core/file-system.ts'
import type { DeadLetter } from './dead-letter.ts'
import { fill, openToRead } from './open-to-read.ts'
import { letterPaths, toSummary } from './read-letters.ts'

export interface LastLetters {
  /** The newest last. */
  readonly letters: readonly DeadLetter[]
  /** Those are all that the sink has. */
  readonly isAll: boolean
}

const newline = 0x0a

/**
 * The newest letters of a sink, as many as stand whole in the last `mostBytes` of its files: what a look costs does not
 * grow with what lies there.
 */
export async function lastLetters(
  fileSystem: FileSystem,
  directory: string,
  { sink, mostBytes }: { readonly sink: string; readonly mostBytes: number },
): Promise<LastLetters> {
  const letters: DeadLetter[] = []
  let leftBytes = mostBytes
  for (const path of (await letterPaths(fileSystem, directory, sink)).toReversed()) {
    if (leftBytes <= 0) return { letters, isAll: false }
    const end = await endOf(fileSystem, path, leftBytes)
    if (!end) continue
    leftBytes -= end.bytes.length
    letters.unshift(...lettersIn(path, end.bytes))
    if (!end.isWhole) return { letters, isAll: false }
  }
  return { letters, isAll: true }
}

interface End {
  readonly bytes: Buffer
  /** It begins with the file. */
  readonly isWhole: boolean
}

/** The end of a file, from the beginning of a line on; undefined where it is gone by now, or cannot be read. */
async function endOf(fileSystem: FileSystem, path: string, mostBytes: number): Promise<End | undefined> {
  let file: File | undefined
  try {
    file = await openToRead(fileSystem, path)
    if (!file) return undefined
    const { size } = await file.stat()
    const from = Math.max(0, size - mostBytes)
    const bytes = Buffer.alloc(size - from)
    const count = await fill(file, bytes, from)
    const read = bytes.subarray(0, count)
    // What stands before the first newline is the rest of a line.
    return { bytes: from === 0 ? read : read.subarray(read.indexOf(newline) + 1), isWhole: from === 0 }
  } catch (error) {
    if (systemErrorCode(error) === 'EIO') return undefined
    throw error
  } finally {
    await file?.close()
  }
}

/** What has no newline yet is being written. */
function lettersIn(path: string, bytes: Buffer): DeadLetter[] {
  const letters: DeadLetter[] = []
  let at = 0
  for (let to = bytes.indexOf(newline); to >= 0; to = bytes.indexOf(newline, at)) {
    const line = bytes.subarray(at, to)
    const isLetter = toSummary(path, { from: at, to, bytes: line }) !== undefined
    const letter = isLetter ? parsed(line) : undefined
    if (letter) letters.push(letter)
    at = to + 1
  }
  return letters
}

/** Its head was found to be a letter's; the rest may be damaged. */
function parsed(line: Buffer): DeadLetter | undefined {
  try {
    const letter: DeadLetter = JSON.parse(line.toString())
    return typeof letter.event?.body === 'string' ? letter : undefined
  } catch {
    return undefined
  }
}
