import type { RecordForSink } from '../../buffer/buffer.ts'
import type { File, FileSystem } from '../../core/file-system.ts'
import type { DeadLetter } from '../letters/dead-letter.ts'
import { openToRead } from '../letters/open-to-read.ts'
import { toSummary } from '../letters/read-letters.ts'
import type { LetterSummary } from '../letters/read-letters.ts'
import { wholeLines } from '../letters/whole-lines.ts'
import type { LineInFile } from '../letters/whole-lines.ts'
import { LetterRecord } from './letter-record.ts'
import type { ReplayFeed } from './replay-cursor.ts'

interface LetterFeedOptions {
  readonly isWanted: (letter: LetterSummary) => boolean
  /** Whether the sink can make a request of it. */
  readonly isSendable: (letter: DeadLetter) => boolean
}

/** The letters of one file as it is when it is opened, one by one: no more of it is in memory than a block. */
export class LetterFeed implements ReplayFeed {
  /** Wanted, but made by a sink of another kind, say. They stay. */
  unsendable = 0
  readonly #fileSystem: FileSystem
  readonly #path: string
  readonly #options: LetterFeedOptions
  #file: File | undefined
  #blocks: AsyncGenerator<readonly LineInFile[]> | undefined
  #lines: readonly LineInFile[] = []
  #at = 0
  #sequence = 0
  #isStopped = false

  constructor(fileSystem: FileSystem, path: string, options: LetterFeedOptions) {
    this.#fileSystem = fileSystem
    this.#path = path
    this.#options = options
  }

  async next(): Promise<RecordForSink | undefined> {
    for (let line = await this.#nextLine(); line; line = await this.#nextLine()) {
      const letter = this.#wanted(line)
      if (!letter) continue
      this.#sequence += 1
      return { record: new LetterRecord(letter, this.#sequence, line.to - line.from), events: [0] }
    }
    return undefined
  }

  stop(): void {
    this.#isStopped = true
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  #wanted(line: LineInFile): DeadLetter | undefined {
    const summary = toSummary(this.#path, line)?.letter
    if (!summary || !this.#options.isWanted(summary)) return undefined
    const letter = wholeLetter(line.bytes!)
    if (letter && this.#options.isSendable(letter)) return letter
    this.unsendable += 1
    return undefined
  }

  async #nextLine(): Promise<LineInFile | undefined> {
    while (!this.#isStopped && this.#at >= this.#lines.length) {
      this.#blocks ??= await this.#open()
      const block = await this.#blocks?.next()
      if (!block || block.done === true) return undefined
      this.#lines = block.value
      this.#at = 0
    }
    return this.#isStopped ? undefined : this.#lines[this.#at++]
  }

  /** Undefined for a file that is gone by now. */
  async #open(): Promise<AsyncGenerator<readonly LineInFile[]> | undefined> {
    this.#file = await openToRead(this.#fileSystem, this.#path)
    return this.#file && wholeLines(this.#file)
  }
}

/** A line whose head is a letter's; undefined where the event behind it is none. */
function wholeLetter(line: Buffer): DeadLetter | undefined {
  try {
    const letter: DeadLetter = JSON.parse(line.toString())
    const { target, body } = letter.event
    return typeof target === 'string' && typeof body === 'string' ? letter : undefined
  } catch {
    return undefined
  }
}
