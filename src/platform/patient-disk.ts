import { sleep } from '../core/clock.ts'
import type { Clock } from '../core/clock.ts'
import { AgentError } from '../core/errors.ts'
import { systemErrorCode } from '../core/file-system.ts'
import type { File, FileSystem } from '../core/file-system.ts'
import { limits } from '../core/limits.ts'
import type { Log } from '../core/log.ts'

const retryMs = 1_000
const { sectorBytes, unreadableMs, unreadableInAllMs } = limits

export interface PatientDiskOptions {
  /** data_dir, for the message of a refusal. */
  readonly directory: string
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly log: Log
  /** Ends the waiting. What was waited for rejects then, and does not count as damaged. */
  readonly signal?: AbortSignal | undefined
}

/** What is refused: a sector of a file that is open, or the file (folder) as a whole. */
interface Place {
  readonly path: string
  readonly sector?: { readonly file: File; readonly at: number }
}

/**
 * A disk that is asked again while it refuses to read (EIO), for as long as `limits.unreadableMs`: what cannot be read at
 * a start was taken for damaged or absent at once, read twice, and lost where the log file was gone. Then a sector rejects
 * with EIO if other parts of its file can be read: it is broken, and the agent goes on without it. Else the disk is away,
 * and the call rejects with AgentError `data_dir_unreadable`: going on would drop what is readable later.
 */
export class PatientDisk {
  readonly fileSystem: FileSystem
  readonly #options: PatientDiskOptions
  readonly #broken = new Set<string>()
  #leftMs: number = unreadableInAllMs
  #isOver = false

  constructor(options: PatientDiskOptions) {
    this.#options = options
    this.fileSystem = this.#wrap(options.fileSystem)
  }

  /** From here on it is the disk as it is: whoever reads while the agent runs has a patience of his own. */
  end(): void {
    this.#isOver = true
  }

  #wrap(disk: FileSystem): FileSystem {
    return {
      open: async (path, flags, mode) => {
        const file = await this.#patiently({ path }, () => disk.open(path, flags, mode))
        return this.#isOver ? file : this.#wrapFile(path, file)
      },
      readdir: (path) => this.#patiently({ path }, () => disk.readdir(path)),
      stat: (path) => this.#patiently({ path }, () => disk.stat(path)),
      lstat: (path) => this.#patiently({ path }, () => disk.lstat(path)),
      realpath: (path) => this.#patiently({ path }, () => disk.realpath(path)),
      mkdir: (path, options) => disk.mkdir(path, options),
      rename: (from, to) => disk.rename(from, to),
      unlink: (path) => disk.unlink(path),
      syncDirectory: (path) => disk.syncDirectory(path),
      freeBytes: (path) => disk.freeBytes(path),
    }
  }

  #wrapFile(path: string, file: File): File {
    return {
      read: (target, targetStart, length, position) => {
        return this.#read({ path, file }, { target, targetStart, length, position })
      },
      stat: () => this.#patiently({ path }, () => file.stat()),
      write: (bytes, position) => file.write(bytes, position),
      truncate: (size) => file.truncate(size),
      datasync: () => file.datasync(),
      close: () => file.close(),
    }
  }

  /** Where a large piece is refused, its first sector alone: a short read, after which the caller asks for the rest. */
  async #read(
    { path, file }: { readonly path: string; readonly file: File },
    wanted: {
      readonly target: Uint8Array
      readonly targetStart: number
      readonly length: number
      readonly position: number
    },
  ): Promise<number> {
    const { target, targetStart, length, position } = wanted
    try {
      return await file.read(target, targetStart, length, position)
    } catch (error) {
      if (this.#isOver || systemErrorCode(error) !== 'EIO') throw error
    }
    const inSector = position % sectorBytes
    const piece = Math.min(length, sectorBytes - inSector)
    const sector = { file, at: position - inSector }
    return this.#patiently({ path, sector }, () => file.read(target, targetStart, piece, position))
  }

  async #patiently<Result>(place: Place, attempt: () => Promise<Result>): Promise<Result> {
    const { clock, log, signal } = this.#options
    const { path } = place
    const sinceMs = clock.monotonic()
    for (let isTold = false; ; isTold = true) {
      try {
        const result = await attempt()
        if (isTold) log.info({ path }, 'the disk reads again')
        return result
      } catch (error) {
        if (this.#isOver || systemErrorCode(error) !== 'EIO') throw error
        const waitedMs = clock.monotonic() - sinceMs
        if (await this.#givesUp(place, waitedMs)) throw error
        if (waitedMs >= unreadableMs || signal?.aborted) throw this.#refusal(path, error)
        const fields = { path, error: String(error), seconds: unreadableMs / 1000 }
        if (!isTold)
          log.error(fields, 'the disk refuses to read; it is tried again each second: look at the disk')
      }
      await sleep(clock, retryMs, signal)
    }
  }

  /** Whether a sector is broken, alone or with those around it, on a disk that is there. */
  async #givesUp({ path, sector }: Place, waitedMs: number): Promise<boolean> {
    if (!sector) return false
    const { file, at } = sector
    const isKnown = this.#broken.has(keyOf(path, at))
    // The next one is broken as well, most likely. Without the bound in all, a start on an old disk would never end.
    const isExpected = this.#broken.has(keyOf(path, at - sectorBytes)) || this.#leftMs <= 0
    if (!isKnown && !isExpected && waitedMs < unreadableMs) return false
    if (!(await isReadBeside(file, at))) return false
    if (isKnown) return true
    this.#broken.add(keyOf(path, at))
    this.#leftMs -= waitedMs
    this.#options.log.error({ path, at }, 'a sector cannot be read: what stood there counts as damaged')
    return true
  }

  #refusal(path: string, error: unknown): AgentError {
    const reason = error instanceof Error ? error.message : String(error)
    const parameters = { path: this.#options.directory, file: path, reason }
    return AgentError.of('data_dir_unreadable', parameters, { cause: error })
  }
}

const keyOf = (path: string, at: number): string => `${at} ${path}`

/** Asked now, not remembered: the disk may have gone away since. The middle of a cursor is a hole, which no disk refuses. */
async function isReadBeside(file: File, at: number): Promise<boolean> {
  const byte = new Uint8Array(1)
  try {
    const { size } = await file.stat()
    const last = Math.max(0, size - 1 - ((size - 1) % sectorBytes))
    for (const other of new Set([0, at + sectorBytes, last])) {
      if (other === at || other > last) continue
      if (await file.read(byte, 0, 1, other).then(Boolean, () => false)) return true
    }
  } catch {
    // Then nothing of it is read.
  }
  return false
}
