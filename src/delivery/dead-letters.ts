import { dirname, join } from 'node:path'
import type { Cancel, Clock } from '../core/clock.ts'
import { AgentError } from '../core/errors.ts'
import type { FileSystem } from '../core/file-system.ts'
import { systemErrorCode } from '../core/file-system.ts'
import type { DropReason } from '../core/ledger.ts'
import type { Log } from '../core/log.ts'
import type { DeadLetter } from './letters/dead-letter.ts'
import type { LetterFile } from './letters/dead-letter-file.ts'
import type { FateOf, PurgedFile } from './letters/purge-letters.ts'
import type { LetterSummary } from './letters/read-letters.ts'
import { SinkLetters } from './letters/sink-letters.ts'

export interface DeadLetterOptions {
  /** `data_dir/dead_letters`; each sink has a folder in it. */
  readonly directory: string
  /** Over all sinks. The oldest file leaves when a new letter would not fit. */
  readonly maxBytes: number
  readonly maxAgeMs: number
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly log: Log
}

/** Dead letters of one source that are gone by size or age. */
export type LettersLeft = (source: string, letters: number, reason: DropReason) => void

export interface DeadLetterStore {
  /** The letters of one sink. `onLeft` is told what leaves from now on; a second call takes the first one's place. */
  forSink(sink: string, onLeft: LettersLeft): SinkDeadLetters
  /** Letters that are there now. */
  stored(sink: string): number
  /** 0 to 1 of `maxBytes`. */
  fullness(): number
  close(): Promise<void>
}

/** The store as those who take letters out of it see it. */
export interface OpenDeadLetters extends DeadLetterStore {
  /** Names of sinks that have letters, whether they run or not. */
  sinks(): readonly string[]
  /** Paths of the files of a sink that are there now, oldest first. */
  paths(sink: string): readonly string[]
  /** `rewriteFile` while nothing is written; nothing happens to a file that is gone. */
  rewrite(sink: string, path: string, fateOf: FateOf): Promise<PurgedFile>
  /** The cursor that counts the replays which a kill cut off is saved: nothing of them is needed any more. */
  forgetEnded(sink: string): Promise<void>
  /** Deletes letters for good; `onLeft` is told. Rejects with what the disk says: what is done by then is done. */
  purge(sink: string, path: string, leaves: (letter: LetterSummary) => boolean): Promise<PurgedFile>
}

export interface SinkDeadLetters {
  /**
   * Resolves once all of them are synced to disk; those that are there already (by id) are not written again. Rejects
   * with the system's error (ENOSPC, EIO) where that is not possible: then none of them counts as stored.
   */
  write(letters: readonly DeadLetter[]): Promise<void>
  /** Letters that are there now, by source. */
  bySource(): ReadonlyMap<string, number>
  /** Letters that the sink took from a replay that was killed before it could count them all; until `forget`. */
  readonly ended?: { readonly bySource: ReadonlyMap<string, number>; forget(): Promise<void> }
}

const expiryCheckMs = 10 * 60_000

/** Opens the store, repairs what a crash tore, and counts what is there. Rejects if the folder cannot be read or made. */
export async function openDeadLetters(options: DeadLetterOptions): Promise<OpenDeadLetters> {
  const { directory, fileSystem } = options
  await fileSystem.mkdir(directory, { recursive: true, mode: 0o700 })
  const store = new DeadLetters(options)
  for (const entry of await fileSystem.readdir(directory)) {
    // Events would be written wherever it leads.
    if (entry.isSymbolicLink) throw linkInTheWay(directory, entry.name)
    if (entry.isDirectory && /^[a-z0-9_-]+$/.test(entry.name)) await store.openSink(entry.name)
  }
  await store.expire()
  store.keepExpiring()
  return store
}

function linkInTheWay(directory: string, name: string): AgentError {
  const parameters = { path: dirname(directory), reason: `${join(directory, name)} is a link` }
  return AgentError.of('data_dir_not_writable', parameters)
}

class DeadLetters implements OpenDeadLetters {
  readonly #options: DeadLetterOptions
  readonly #sinks = new Map<string, SinkLetters>()
  readonly #onLeft = new Map<string, LettersLeft>()
  /** One write at a time over all sinks: the bound is common to them. */
  #last: Promise<unknown> = Promise.resolve()
  #cancelExpiry: Cancel | undefined
  #isClosed = false

  constructor(options: DeadLetterOptions) {
    this.#options = options
  }

  async openSink(sink: string): Promise<void> {
    const letters = this.#sinkLetters(sink)
    await letters.scan()
  }

  forSink(sink: string, onLeft: LettersLeft): SinkDeadLetters {
    const letters = this.#sinkLetters(sink)
    this.#onLeft.set(sink, onLeft)
    return {
      write: (written) => this.#inTurn(() => this.#write(letters, written)),
      bySource: () => letters.bySource(),
      ended: letters.ended,
    }
  }

  stored(sink: string): number {
    return this.#sinks.get(sink)?.stored ?? 0
  }

  fullness(): number {
    return Math.min(1, this.#bytes() / Math.max(1, this.#options.maxBytes))
  }

  sinks(): readonly string[] {
    return [...this.#sinks.values()].filter(({ stored }) => stored > 0).map(({ sink }) => sink)
  }

  paths(sink: string): readonly string[] {
    return this.#sinks.get(sink)?.files.map(({ path }) => path) ?? []
  }

  rewrite(sink: string, path: string, fateOf: FateOf): Promise<PurgedFile> {
    return this.#inTurn(() => this.#sinkLetters(sink).rewrite(path, fateOf))
  }

  forgetEnded(sink: string): Promise<void> {
    return this.#sinkLetters(sink).ended.forget()
  }

  purge(sink: string, path: string, leaves: (letter: LetterSummary) => boolean): Promise<PurgedFile> {
    return this.#inTurn(async () => {
      const letters = this.#sinkLetters(sink)
      const purged = await letters.rewrite(path, (letter) => (leaves(letter) ? 'leaves' : 'stays'))
      for (const [source, count] of purged.left) this.#onLeft.get(sink)?.(source, count, 'purged')
      return purged
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelExpiry?.()
    await this.#inTurn(async () => {
      for (const letters of this.#sinks.values()) await letters.close()
    })
  }

  /** Files whose newest letter is older than `maxAgeMs` leave. */
  async expire(): Promise<void> {
    const oldestMs = this.#options.clock.now() - this.#options.maxAgeMs
    for (const letters of this.#sinks.values()) {
      for (const file of letters.files.filter(({ lastMs }) => lastMs < oldestMs)) {
        await this.#remove(letters, file, 'expired')
      }
    }
  }

  keepExpiring(): void {
    if (this.#isClosed) return
    const again = (): void => {
      void this.#inTurn(() => this.expire()).finally(() => this.keepExpiring())
    }
    this.#cancelExpiry = this.#options.clock.after(expiryCheckMs, again)
  }

  async #write(letters: SinkLetters, written: readonly DeadLetter[]): Promise<void> {
    const encoded = letters.encodeNew(written)
    if (encoded.length === 0) return
    const bytes = encoded.reduce((total, { line }) => total + line.length, 0)
    // Room first: what is being written now must not be what leaves for it.
    while (this.#bytes() + bytes > this.#options.maxBytes) {
      const oldest = this.#oldest()
      if (!oldest) break
      if (!(await this.#remove(oldest.letters, oldest.file, 'dead_letters_full'))) break
    }
    await letters.append(encoded)
  }

  async #remove(letters: SinkLetters, file: LetterFile, reason: DropReason): Promise<boolean> {
    const { log } = this.#options
    const fields = { sink: letters.sink, letters: file.letters, reason }
    try {
      await letters.remove(file)
    } catch (error) {
      log.warn({ ...fields, code: systemErrorCode(error) }, 'a file of dead letters cannot be removed')
      return false
    }
    if (file.letters > 0) log.warn(fields, 'the oldest dead letters are dropped')
    for (const [source, count] of file.bySource) this.#onLeft.get(letters.sink)?.(source, count, reason)
    return true
  }

  #oldest(): { letters: SinkLetters; file: LetterFile } | undefined {
    let oldest: { letters: SinkLetters; file: LetterFile } | undefined
    for (const letters of this.#sinks.values()) {
      const file = letters.files[0]
      if (file && (!oldest || file.firstMs < oldest.file.firstMs)) oldest = { letters, file }
    }
    return oldest
  }

  #bytes(): number {
    let bytes = 0
    for (const letters of this.#sinks.values()) bytes += letters.bytes
    return bytes
  }

  #sinkLetters(sink: string): SinkLetters {
    let letters = this.#sinks.get(sink)
    if (!letters) {
      const { directory, maxBytes, maxAgeMs, fileSystem, clock } = this.#options
      letters = new SinkLetters(sink, {
        directory: join(directory, sink),
        maxBytes,
        maxAgeMs,
        fileSystem,
        clock,
      })
      this.#sinks.set(sink, letters)
    }
    return letters
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work, work)
    this.#last = done.catch(() => undefined)
    return done
  }
}
