import { z } from 'zod'
import { join } from 'node:path'
import type { FileSystem } from '../../core/file-system.ts'
import type { DeadLetter } from './dead-letter.ts'
import { listLetterFiles } from './dead-letter-file.ts'
import { fill, openToRead, unlessGone } from './open-to-read.ts'
import { wholeLines } from './whole-lines.ts'
import type { LineInFile } from './whole-lines.ts'

/** A letter without its event, and where it stands. */
export interface LetterFound {
  readonly letter: LetterSummary
  readonly path: string
  readonly from: number
  readonly to: number
}

export type LetterSummary = Omit<DeadLetter, 'event'>

const summarySchema = z.object({
  id: z.string(),
  time: z.string(),
  sink: z.string(),
  source: z.string(),
  reason: z.string(),
  status: z.number(),
  type: z.string(),
  text: z.string(),
  attempts: z.number(),
  origin: z.object({ generation: z.string(), path: z.string(), from: z.number(), to: z.number() }),
})

/** In a string each quote stands behind a backslash: only a member's name can look like this. */
const eventBegins = Buffer.from(',"event":')

/**
 * The folders of sinks in `data_dir/dead_letters`; none where that folder is not there yet. Links are passed over. Like all
 * of this file it only reads, and may run beside the agent that writes.
 */
export async function listLetterSinks(fileSystem: FileSystem, directory: string): Promise<string[]> {
  const entries = await unlessGone(() => fileSystem.readdir(directory))
  return (entries ?? [])
    .filter(({ name, isDirectory }) => isDirectory && /^[a-z0-9_-]+$/.test(name))
    .map(({ name }) => name)
    .sort()
}

/** Paths of a sink's files, oldest first. */
export async function letterPaths(
  fileSystem: FileSystem,
  directory: string,
  sink: string,
): Promise<readonly string[]> {
  const files = await unlessGone(() => listLetterFiles(fileSystem, join(directory, sink)))
  return (files ?? []).map(({ path }) => path)
}

/** The letters of a file in their order, undefined for each whole line that is none; nothing of a file that is gone by now. */
export async function* summariesOf(
  fileSystem: FileSystem,
  path: string,
): AsyncGenerator<readonly (LetterFound | undefined)[]> {
  const file = await openToRead(fileSystem, path)
  if (!file) return
  try {
    for await (const lines of wholeLines(file)) yield lines.map((line) => toSummary(path, line))
  } finally {
    await file.close()
  }
}

/** The whole letter, or undefined if it is gone by now. */
export async function readLetter(
  fileSystem: FileSystem,
  { path, from, to }: LetterFound,
): Promise<DeadLetter | undefined> {
  const file = await openToRead(fileSystem, path)
  if (!file) return undefined
  try {
    const line = Buffer.alloc(to - from)
    if ((await fill(file, line, from)) < line.length) return undefined
    // Its head was found to be a letter's, and what stands in these files is never changed.
    const letter: DeadLetter = JSON.parse(line.toString())
    return letter
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  } finally {
    await file.close()
  }
}

/** Undefined for a line that is no letter. */
export function toSummary(path: string, { from, to, bytes }: LineInFile): LetterFound | undefined {
  const end = bytes?.indexOf(eventBegins) ?? -1
  if (!bytes || end < 0) return undefined
  try {
    return { letter: summarySchema.parse(JSON.parse(`${bytes.toString('utf8', 0, end)}}`)), path, from, to }
  } catch {
    return undefined
  }
}
