import type { LettersAsked } from './asked.ts'
import type { Job } from './job.ts'
import { sideBySide } from './side-by-side.ts'
import { SinkLetterReplay } from './sink-letter-replay.ts'
import type { JobWorld } from './world.ts'

/** Sends dead letters again, sink by sink at once, file by file. What the sink takes leaves, what it refuses stays. */
export class LetterReplayJob implements Job {
  readonly title = 'a replay of dead letters'
  readonly #sinks: readonly SinkLetterReplay[]
  /** Letters of sinks that are not in the config: nobody could send them. */
  readonly #homeless: Record<string, number>

  constructor(asked: LettersAsked, world: JobWorld) {
    const { deadLetters, sinks } = world
    const names = deadLetters.sinks().filter((name) => (asked.sink ?? name) === name)
    const homeless = names.filter((name) => !sinks.running(name))
    this.#homeless = Object.fromEntries(homeless.map((name) => [name, deadLetters.stored(name)]))
    this.#sinks = names.flatMap((name) => {
      const target = sinks.running(name)
      return target ? [new SinkLetterReplay({ name, target, asked, world })] : []
    })
  }

  async run(signal: AbortSignal): Promise<object> {
    await sideBySide(this.#sinks, signal)
    return this.progress()
  }

  progress(): object {
    return {
      sinks: Object.fromEntries(this.#sinks.map((one) => [one.name, one.progress()])),
      not_configured: this.#homeless,
    }
  }
}
