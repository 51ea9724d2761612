import { isAskedFor } from './asked.ts'
import type { PurgeAsked } from './asked.ts'
import type { Job } from './job.ts'
import { countPurged } from '../letters/count-purged.ts'
import type { PurgedFile } from '../../delivery/letters/purge-letters.ts'
import { JobRefused } from './job.ts'
import type { JobWorld } from './world.ts'

type World = Pick<JobWorld, 'betweenReloads' | 'deadLetters' | 'fileSystem' | 'sinks'> & {
  readonly config: () => Pick<ReturnType<JobWorld['config']>, 'data_dir'>
}

/** Deletes dead letters beside the deliveries that write them: in the ledger they move to `dropped{purged}`. */
export class PurgeJob implements Job {
  readonly title = 'a purge of dead letters'
  readonly #asked: PurgeAsked
  readonly #world: World
  #purged = 0

  constructor(asked: PurgeAsked, world: World) {
    this.#asked = asked
    this.#world = world
  }

  run(signal: AbortSignal): Promise<object> {
    return this.#world.betweenReloads(async () => {
      const sinks = this.#world.deadLetters.sinks()
      for (const sink of sinks.filter((name) => (this.#asked.sink ?? name) === name))
        await this.#purge(sink, signal)
      return this.progress()
    })
  }

  progress(): object {
    return { purged: this.#purged }
  }

  async #purge(sink: string, signal: AbortSignal): Promise<void> {
    const { deadLetters, sinks, config, fileSystem } = this.#world
    const files: PurgedFile[] = []
    try {
      for (const path of deadLetters.paths(sink)) {
        if (signal.aborted) break
        const file = await this.#purgeFile(sink, path)
        for (const letters of file.left.values()) this.#purged += letters
        files.push(file)
      }
    } finally {
      const running = sinks.running(sink)
      // What is gone has to be counted, whatever became of the files behind it; the store has told a sink that runs.
      if (running) await running.cursor.save()
      else await countPurged(fileSystem, { dataDir: config().data_dir, sink, files })
    }
  }

  async #purgeFile(sink: string, path: string): Promise<PurgedFile> {
    const { deadLetters } = this.#world
    try {
      return await deadLetters.purge(sink, path, (letter) => isAskedFor(letter, this.#asked))
    } catch (error) {
      throw new JobRefused(`${path} cannot be written anew: ${String(error)}`, { cause: error })
    }
  }
}
