import type { Clock } from '../core/clock.ts'
import type { FileSystem } from '../core/file-system.ts'

/** Two new segments, each sink's cursor, and the dead letters that let a cursor pass. */
const keptFreeBytes = 64 * 1024
/** With so much room the disk is asked once a second only. */
const plentyBytes = 64 * 1024 ** 2
const askEveryMs = 1_000

export interface DiskRoomOptions {
  readonly directory: string
  readonly fileSystem: FileSystem
  readonly clock: Clock
}

/**
 * Keeps a little of the disk free. To give space back something has to be written first (a new segment's header, the
 * cursors that let the old one go): on a disk that records had filled to its last page nothing would ever move again.
 */
export class DiskRoom {
  readonly #options: DiskRoomOptions
  #free = 0
  #askedAtMs = -Infinity

  constructor(options: DiskRoomOptions) {
    this.#options = options
  }

  /** Whether so much may be appended, beside a header of `headerBytes` for each of two segments. */
  async has(bytes: number, headerBytes: number): Promise<boolean> {
    const nowMs = this.#options.clock.monotonic()
    if (nowMs - this.#askedAtMs >= askEveryMs || this.#free < plentyBytes) {
      this.#free = await this.#ask()
      this.#askedAtMs = nowMs
    }
    if (this.#free < bytes + keptFreeBytes + 2 * headerBytes) return false
    this.#free -= bytes
    return true
  }

  /** A disk that does not say is full when a write says so. */
  #ask(): Promise<number> {
    return this.#options.fileSystem.freeBytes(this.#options.directory).catch(() => Infinity)
  }
}

export const diskFullError = (): Error =>
  Object.assign(
    new Error(
      'ENOSPC: the disk of data_dir is full but for a reserve that is needed to delete what was sent',
    ),
    {
      code: 'ENOSPC',
    },
  )
