import type { Clock } from '../core/clock.ts'
import { sleep } from '../core/clock.ts'
import type { Chunk } from '../core/chunk.ts'
import { systemErrorCode } from '../core/file-system.ts'
import { limits } from '../core/limits.ts'
import type { Log } from '../core/log.ts'
import type { BufferStats, StoredRecord } from './buffer.ts'
import { diskFullError } from './disk-room.ts'
import type { DiskRoom } from './disk-room.ts'
import type { FsyncMode, LogSync } from './log/log-sync.ts'
import { isDiskFull } from './log/log-writer.ts'
import type { LogWriter, Written } from './log/log-writer.ts'
import { recordBound } from './record-codec.ts'
import { RecordsLostError } from './log/rescue.ts'
import type { Space } from './space.ts'
import { Turns } from './turns.ts'
import type { Visibility } from './log/visibility.ts'

const retryMs = 1_000

/** Chunks that wait are written together up to here, well within a slab: a write for each costs 50 µs, whatever it brings. */
const groupBytes = 512 * 1024

export interface AppenderOptions {
  readonly writer: LogWriter
  readonly space: Space
  readonly room: DiskRoom
  readonly sync: LogSync
  readonly visibility: Visibility
  readonly fsync: FsyncMode
  readonly clock: Clock
  readonly log: Log
  /** Told of each record that is in the log now. */
  readonly appended: (record: StoredRecord) => void
}

interface Job {
  readonly chunk: Chunk
  readonly signal: AbortSignal | undefined
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/**
 * Appends chunks in the order of the calls, and waits where there is no room or the disk refuses: the sources wait with
 * it, which is all the backpressure there is. A chunk is either not written, or written once.
 */
export class Appender {
  readonly #options: AppenderOptions
  /** Whatever changes the end of the log takes its turn here. Nobody waits for room while having it. */
  readonly #turns = new Turns()
  #jobs: Job[] = []
  #isRunning = false
  /** So many of the jobs are being written. */
  #inHand = 0
  readonly #stop = new AbortController()
  /** Set while an append waits for the disk or for room. */
  #wake: (() => void) | undefined
  #hasProgressed = false
  #state: BufferStats['state'] = 'ok'
  #blockedSinceMs: number | undefined
  #lastError: string | undefined

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  get trouble(): Pick<BufferStats, 'state' | 'blockedSinceMs' | 'lastError'> {
    return { state: this.#state, blockedSinceMs: this.#blockedSinceMs, lastError: this.#lastError }
  }

  append(chunk: Chunk, signal?: AbortSignal): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.reject(closedError())
    return new Promise((resolve, reject) => {
      this.#jobs.push({ chunk, signal, resolve, reject })
      if (!this.#isRunning) void this.#run()
    })
  }

  /** Runs something else that changes the end of the log. */
  exclusive<Result>(action: () => Promise<Result>): Promise<Result> {
    return this.#turns.run(action)
  }

  /** A cursor needs less than before. */
  progress(): void {
    this.#hasProgressed = true
    this.#wake?.()
  }

  /** A sync failed: brings what is in doubt to safety, for as long as it takes. */
  async mend(): Promise<void> {
    while (this.#options.sync.isBroken && !this.#stop.signal.aborted) {
      try {
        await this.#turns.run(() => this.#options.writer.mend())
        if (this.#jobs.length === 0) this.#recovered()
      } catch (error) {
        this.troubled(error)
        await sleep(this.#options.clock, retryMs, this.#stop.signal)
      }
    }
  }

  /** Refuses what is not written yet. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#wake?.()
    for (const { reject } of this.#jobs.splice(this.#inHand)) reject(closedError())
    await this.#turns.idle()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    // Whoever appends for many files at once has called for all of them by then.
    await Promise.resolve()
    while (this.#jobs.length > 0) {
      const group = this.#group()
      this.#inHand = group.length
      // Whatever is against the group is met again, and dealt with, one by one.
      if (group.length === 1 || !(await this.#placeAll(group)))
        for (const job of group) await this.#place(job)
      this.#jobs.splice(0, group.length)
      this.#inHand = 0
    }
    this.#isRunning = false
  }

  /** The jobs at the front of the queue that may be written at once; one at least. */
  #group(): Job[] {
    const generations = new Set<string>()
    let bytes = 0
    let count = 0
    for (const { chunk } of this.#jobs) {
      bytes += recordBound(chunk)
      // The place of a generation's record rests on that of the one before it.
      if (count > 0 && (bytes > groupBytes || generations.has(chunk.generation))) break
      generations.add(chunk.generation)
      count += 1
    }
    return this.#jobs.slice(0, count)
  }

  /** False where nothing was written. */
  async #placeAll(group: readonly Job[]): Promise<boolean> {
    try {
      const written = await this.#turns.run(() => this.#write(group.map(({ chunk }) => chunk)))
      if (!written) return false
      for (const [index, job] of group.entries()) this.#show(written[index]!, job)
      return true
    } catch {
      return false
    }
  }

  async #place(job: Job): Promise<void> {
    while (!this.#stop.signal.aborted) {
      // Before looking for room: progress that is made meanwhile must not be missed.
      this.#hasProgressed = false
      try {
        const written = await this.#turns.run(() => this.#write([job.chunk]))
        if (written) return this.#show(written[0]!, job)
        this.#blocked('full')
      } catch (error) {
        if (!isTheWorlds(error)) return job.reject(error instanceof Error ? error : new Error(String(error)))
        this.troubled(error)
        if (isDiskFull(error) && (await this.#freeOne())) continue
      }
      if (job.signal?.aborted) break
      if (!this.#hasProgressed) await this.#change(job.signal)
    }
    job.reject(closedError())
  }

  /** Resolves when a cursor needs less, at the stop, or in a second: a disk frees space without telling us. */
  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel()
        // Or a reader that lives as long as the agent would gather one listener for each wait.
        signal?.removeEventListener('abort', wake)
        this.#wake = undefined
        resolve()
      }
      const cancel = this.#options.clock.after(retryMs, wake)
      signal?.addEventListener('abort', wake)
      this.#wake = wake
    })
  }

  #show(written: Written, job: Job): void {
    const { visibility, fsync, sync } = this.#options
    this.#recovered()
    this.#options.appended(written.record)
    const mustBeSynced = fsync === 'always' || (fsync !== 'never' && written.isFirst)
    void visibility.add(written, mustBeSynced).then(job.resolve, job.reject)
    // Reading goes on: a wait for the disk for each of 10,000 new files took a minute. Cursors see none of it before the sync.
    if (fsync !== 'always' && visibility.hidden <= limits.hiddenRecords) job.resolve()
    // Should this sync fail, the record is brought to safety and becomes visible then.
    if (mustBeSynced) void sync.now().catch(() => {})
  }

  async #write(chunks: readonly Chunk[]): Promise<Written[] | undefined> {
    // A turn that was waited for may come after the stop.
    if (this.#stop.signal.aborted) return undefined
    const { space, room, writer } = this.#options
    const bytes = chunks.reduce((sum, chunk) => sum + recordBound(chunk), 0)
    if (!(await space.makeRoom(bytes))) return undefined
    if (!(await room.has(bytes, writer.headerBytes))) throw diskFullError()
    return writer.write(chunks)
  }

  async #freeOne(): Promise<boolean> {
    return this.#turns.run(() => this.#options.space.freeOne()).catch(() => false)
  }

  #blocked(state: BufferStats['state']): void {
    if (this.#state === 'ok') this.#options.log.warn({ state }, 'the buffer takes no more: reading stops')
    this.#state = state
    this.#blockedSinceMs ??= this.#options.clock.monotonic()
  }

  /** Something at the end of the log failed; appends wait from now on, until one succeeds. */
  troubled(error: unknown): void {
    this.#lastError = String(error)
    if (this.#state === 'ok')
      this.#options.log.error({ error: this.#lastError }, 'the buffer cannot be written')
    this.#blocked(isDiskFull(error) ? 'disk_full' : 'failing')
  }

  #recovered(): void {
    if (this.#state !== 'ok') this.#options.log.info({}, 'the buffer takes events again')
    this.#state = 'ok'
    this.#blockedSinceMs = undefined
  }
}

/** Trouble that may pass, against mistakes of ours that would be made again each second. */
function isTheWorlds(error: unknown): boolean {
  return /^E(?!RR_)/.test(systemErrorCode(error)) || error instanceof RecordsLostError
}

export const closedError = (): Error => new Error('the buffer is closed')
