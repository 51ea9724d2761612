import { join } from 'node:path'
import { systemErrorCode } from '../../core/file-system.ts'
import type { FileSystem } from '../../core/file-system.ts'
import { rewriteFile } from './purge-letters.ts'
import { ReplayJournal } from './replay-journal.ts'

/** What replays that a kill cut off had come to: their journals say which letters the sink has. */
export class EndedReplays {
  /** Letters that are out of the files by source, until `forget`; some may be counted already. */
  readonly bySource = new Map<string, number>()
  readonly #fileSystem: FileSystem
  readonly #directory: string
  readonly #journals: ReplayJournal[] = []
  #forgetting: Promise<void> = Promise.resolve()

  /** `directory`: of one sink's letters. */
  constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem
    this.#directory = directory
  }

  /** Takes the letters out. What the disk does not let it do now, the next replay or start will. */
  async finish(): Promise<void> {
    for (const { name, isFile } of await this.#fileSystem.readdir(this.#directory)) {
      const number = isFile ? /^(\d{3,15})\.replayed$/.exec(name)?.[1] : undefined
      if (number !== undefined) await this.#finish(join(this.#directory, `${number}.ndjson`), name)
    }
  }

  /** All of `bySource` is counted, and saved. */
  forget(): Promise<void> {
    this.#forgetting = this.#forgetting.then(() => this.#removeJournals())
    return this.#forgetting
  }

  async #removeJournals(): Promise<void> {
    // Or a sink that a reload starts anew would count what somebody removed since as sent again.
    this.bySource.clear()
    for (const journal of this.#journals.splice(0)) await journal.remove().catch(() => {})
  }

  async #finish(letters: string, name: string): Promise<void> {
    const journal = await ReplayJournal.read(this.#fileSystem, join(this.#directory, name))
    try {
      await rewriteFile(this.#fileSystem, letters, ({ id }) => (journal.ids.has(id) ? 'leaves' : 'stays'))
    } catch (error) {
      if (systemErrorCode(error) === '') throw error
      // Without its letters it was killed between the removal and the count.
      if (systemErrorCode(error) !== 'ENOENT') return
    }
    for (const [source, count] of journal.bySource())
      this.bySource.set(source, (this.bySource.get(source) ?? 0) + count)
    this.#journals.push(journal)
  }
}
