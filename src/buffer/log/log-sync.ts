import type { Cancel, Clock } from '../../core/clock.ts'
import type { File } from '../../core/file-system.ts'
import type { Segment } from './segments.ts'

export type FsyncMode = 'always' | 'never' | number

export interface LogSyncOptions {
  readonly mode: FsyncMode
  /** The last sequence that is in the log at the start, synced. */
  readonly sequence: number
  readonly clock: Clock
  /** fsync of the folder, for segments that are new in it. */
  readonly syncDirectory: () => Promise<void>
  /** More is synced now. */
  readonly onSynced: () => void
  /** A sync failed: what is not synced has to be written again elsewhere. Nothing more is synced until `attach`. */
  readonly onBroken: (error: unknown) => void
}

interface Waiter {
  readonly sequence: number
  /** Waits for the log to be mended instead of failing with the sync. */
  readonly isPatient: boolean
  resolve(): void
  reject(error: unknown): void
}

/**
 * Group commit: one fdatasync at a time, and whoever asks while it runs shares the next one. Only the segment that is
 * written to can hold unsynced records, as each is synced before the next one is begun.
 */
export class LogSync {
  readonly #options: LogSyncOptions
  #segment: Segment | undefined
  #file: File | undefined
  #written = 0
  #writtenEnd = 0
  #synced = 0
  #syncedEnd = 0
  #hasNewName = false
  #round: Promise<void> | undefined
  #isAskedAgain = false
  #broken: { readonly error: unknown } | undefined
  #cancelTimer: Cancel | undefined
  #waiters: Waiter[] = []
  /** Set by `stop`: nobody settles a wait that begins later. */
  #stopped: Error | undefined

  constructor(options: LogSyncOptions) {
    this.#options = options
    this.#written = options.sequence
    this.#synced = options.sequence
  }

  /** The last sequence that survives a power cut (with `never`: that is written). */
  get syncedSequence(): number {
    return this.#options.mode === 'never' ? this.#written : this.#synced
  }

  /** Up to where the segment in hand is synced. */
  get syncedEnd(): number {
    return this.#syncedEnd
  }

  get isBroken(): boolean {
    return this.#broken !== undefined
  }

  /** A new segment is written to from now on; everything up to `sequence` is synced elsewhere. */
  attach(segment: Segment, file: File, sequence: number): void {
    this.#segment = segment
    this.#file = file
    this.#written = sequence
    this.#synced = sequence
    this.#writtenEnd = segment.size
    this.#syncedEnd = 0
    this.#hasNewName = true
    this.#broken = undefined
    if (this.#options.mode === 'never') segment.isSynced = true
    else this.#schedule()
    this.#settleWaiters()
  }

  /** What the attached segment holds by now is synced already (it was written again, and synced, as a whole). */
  attachSynced(segment: Segment, file: File, sequence: number): void {
    this.attach(segment, file, sequence)
    this.#syncedEnd = segment.size
    this.#hasNewName = false
    segment.isSynced = true
  }

  written(sequence: number, end: number): void {
    this.#written = sequence
    this.#writtenEnd = end
    if (this.#options.mode !== 'never') this.#schedule()
  }

  /** Marks the segment as not to be trusted: a write to it failed. */
  breakOff(error: unknown): void {
    if (this.#broken) return
    this.#broken = { error }
    for (const waiter of this.#takeWaiters((each) => !each.isPatient)) waiter.reject(error)
    this.#options.onBroken(error)
  }

  /** Syncs at once. Rejects if that fails. */
  now(): Promise<void> {
    this.#kick()
    return this.#wait(this.#written, false)
  }

  /** Syncs the segment in hand with its header, should it have no records yet. Rejects if that fails. */
  async whole(): Promise<void> {
    this.#kick()
    await this.idle()
    if (this.#broken) throw asError(this.#broken.error)
  }

  /** Resolves with the next sync that covers `sequence`; rejects if it fails. */
  reach(sequence: number): Promise<void> {
    return this.#wait(sequence, false)
  }

  /** Syncs at once, and waits for as long as it takes; rejects with `stop`'s error only. */
  patiently(): Promise<void> {
    this.#kick()
    return this.#wait(this.#written, true)
  }

  /** Resolves when no fdatasync is running: the file may be closed. */
  async idle(): Promise<void> {
    while (this.#round) await this.#round
  }

  /** Ends all waits with `error`, also those to come for what is not synced by then. */
  stop(error: Error): void {
    this.#stopped = error
    this.#cancelTimer?.()
    for (const waiter of this.#takeWaiters(() => true)) waiter.reject(error)
  }

  #schedule(): void {
    const { mode, clock } = this.#options
    if (mode === 'always') this.#kick()
    if (typeof mode !== 'number' || this.#cancelTimer) return
    this.#cancelTimer = clock.after(mode, () => {
      this.#cancelTimer = undefined
      this.#kick()
    })
  }

  #kick(): void {
    if (this.#options.mode === 'never' || this.#broken) return
    if (this.#round) this.#isAskedAgain = true
    else if (this.#synced < this.#written || this.#syncedEnd < this.#writtenEnd) this.#begin()
  }

  #begin(): void {
    this.#isAskedAgain = false
    this.#round = this.#sync().finally(() => {
      this.#round = undefined
      this.#settleWaiters()
      this.#options.onSynced()
      if (this.#isAskedAgain) this.#kick()
    })
  }

  async #sync(): Promise<void> {
    const [sequence, end, segment, file] = [this.#written, this.#writtenEnd, this.#segment!, this.#file!]
    try {
      await file.datasync()
      // Of a file without a name every sync says yes: an agent whose data_dir was removed read on, and lost all of it.
      if ((await file.stat()).links === 0) throw removedError(segment.path)
      if (this.#hasNewName) await this.#options.syncDirectory()
    } catch (error) {
      this.breakOff(error)
      return
    }
    this.#hasNewName = false
    this.#synced = sequence
    this.#syncedEnd = end
    segment.isSynced = true
  }

  #wait(sequence: number, isPatient: boolean): Promise<void> {
    if (this.syncedSequence >= sequence) return Promise.resolve()
    if (this.#stopped) return Promise.reject(this.#stopped)
    if (this.#broken && !isPatient) return Promise.reject(asError(this.#broken.error))
    return new Promise((resolve, reject) => {
      this.#waiters.push({ sequence, isPatient, resolve, reject })
    })
  }

  #settleWaiters(): void {
    const synced = this.syncedSequence
    for (const waiter of this.#takeWaiters((each) => each.sequence <= synced)) waiter.resolve()
  }

  #takeWaiters(isMeant: (waiter: Waiter) => boolean): Waiter[] {
    const taken = this.#waiters.filter(isMeant)
    if (taken.length > 0) this.#waiters = this.#waiters.filter((waiter) => !isMeant(waiter))
    return taken
  }
}

const removedError = (path: string): Error =>
  Object.assign(new Error(`ENOENT: ${path} was removed while it was written to`), { code: 'ENOENT' })

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
