import { constants } from 'node:fs'
import { dirname } from 'node:path'
import { systemErrorCode } from '../../core/file-system.ts'
import type { File, FileSystem } from '../../core/file-system.ts'
import { limits } from '../../core/limits.ts'
import { toSummary } from './read-letters.ts'
import type { LetterSummary } from './read-letters.ts'
import { wholeLines } from './whole-lines.ts'
import type { LineInFile } from './whole-lines.ts'

/** Letters of one file by source: those that left, and those that stayed (under '' what is no letter). */
export interface PurgedFile {
  readonly left: ReadonlyMap<string, number>
  readonly stayed: ReadonlyMap<string, number>
}

const newFlags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const newline = Buffer.from('\n')

/**
 * Takes letters out of a file while no agent runs. What stays is written to a file of its own and synced before it takes
 * the place of the old one: a crash leaves either. Rejects, with the old one untouched, where the disk cannot read all of it.
 */
export async function purgeFile(
  fileSystem: FileSystem,
  path: string,
  leaves: (letter: LetterSummary) => boolean,
): Promise<PurgedFile> {
  const [left, stayed] = [new Map<string, number>(), new Map<string, number>()]
  const temporary = `${path}.new`
  await fileSystem.unlink(temporary).catch((error: unknown) => {
    if (systemErrorCode(error) !== 'ENOENT') throw error
  })
  const from = await fileSystem.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const to = await fileSystem.open(temporary, newFlags, 0o600)
  try {
    const kept = new Appender(to)
    const sort = async (line: LineInFile): Promise<void> => {
      const letter = toSummary(path, line)?.letter
      const doesLeave = letter !== undefined && leaves(letter)
      count(doesLeave ? left : stayed, letter?.source ?? '')
      // A line that is too long to be held is no letter, and of no use to anybody.
      if (!doesLeave && line.bytes) await kept.add(line.bytes)
    }
    for await (const lines of wholeLines(from, readOrReject)) for (const line of lines) await sort(line)
    await kept.flush()
    await to.datasync()
  } finally {
    await from.close()
    await to.close()
  }
  if (left.size === 0) await fileSystem.unlink(temporary)
  else await replace(fileSystem, { path, temporary, isEmpty: stayed.size === 0 })
  return { left, stayed }
}

async function replace(
  fileSystem: FileSystem,
  {
    path,
    temporary,
    isEmpty,
  }: { readonly path: string; readonly temporary: string; readonly isEmpty: boolean },
): Promise<void> {
  if (isEmpty) {
    await fileSystem.unlink(path)
    await fileSystem.unlink(temporary)
  } else {
    await fileSystem.rename(temporary, path)
  }
  await fileSystem.syncDirectory(dirname(path))
}

/** Writes lines in large pieces. */
class Appender {
  readonly #file: File
  #parts: Uint8Array[] = []
  #bytes = 0
  #at = 0

  constructor(file: File) {
    this.#file = file
  }

  async add(line: Uint8Array): Promise<void> {
    this.#parts.push(line, newline)
    this.#bytes += line.length + 1
    if (this.#bytes >= limits.deadLetterWriteBytes) await this.flush()
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#parts)
    this.#parts = []
    this.#bytes = 0
    if (bytes.length > 0) await this.#file.write(bytes, this.#at)
    this.#at += bytes.length
  }
}

const readOrReject = (file: File, block: Uint8Array, position: number): Promise<number> =>
  file.read(block, 0, block.length, position)

const count = (counts: Map<string, number>, source: string): void =>
  void counts.set(source, (counts.get(source) ?? 0) + 1)
