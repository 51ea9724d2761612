import { limits } from '../../core/limits.ts'
import type { DeadLetter } from '../../delivery/letters/dead-letter.ts'
import type { Fate } from '../../delivery/letters/purge-letters.ts'
import { ReplayJournal, journalPath } from '../../delivery/letters/replay-journal.ts'
import { LetterFeed } from '../../delivery/replay/letter-feed.ts'
import { letterOf } from '../../delivery/replay/letter-record.ts'
import { LetterSink } from '../../delivery/replay/letter-sink.ts'
import { Pace } from '../../delivery/replay/pace.ts'
import { Replay } from '../../delivery/replay/replay.ts'
import type { RunningSink } from '../sink-set.ts'
import { isAskedFor } from './asked.ts'
import type { LettersAsked } from './asked.ts'
import { JobRefused } from './job.ts'
import { Refusals } from './refusals.ts'
import type { JobWorld } from './world.ts'

interface SinkLetterReplayOptions {
  readonly name: string
  readonly target: RunningSink
  readonly asked: LettersAsked
  readonly world: JobWorld
}

/** The dead letters of one sink on their way to it once more. */
export class SinkLetterReplay {
  readonly name: string
  readonly #options: SinkLetterReplayOptions
  readonly #refusals = new Refusals()
  readonly #all: number
  #sent = 0
  #unsendable = 0
  #pace: Pace | undefined
  #replay: Replay | undefined

  constructor(options: SinkLetterReplayOptions) {
    this.name = options.name
    this.#options = options
    this.#all = options.world.deadLetters.stored(options.name)
  }

  run(signal: AbortSignal): Promise<void> {
    const { target } = this.#options
    return target.during(this.#run(AbortSignal.any([signal, target.stopping])))
  }

  progress(): object {
    const waits = this.#pace?.waitsFor ?? this.#replay?.trouble
    return {
      letters: this.#all,
      sent: this.#sent,
      refused: this.#refusals.events,
      refusals: this.#refusals.toJson(),
      unsendable: this.#unsendable,
      ...(waits !== undefined && { waits }),
      ...(this.#options.target.stopping.aborted && { stopped: true }),
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { target, world } = this.#options
    // What a kill cut off is counted: its journals must be gone before new ones take their names.
    await target.cursor.save()
    await world.deadLetters.forgetEnded(this.name)
    for (const path of world.deadLetters.paths(this.name)) {
      if (signal.aborted) return
      await this.#file(path, signal)
    }
    this.#replay = undefined
  }

  /** The letters of one file, to their end: sent, out of the file, counted. A kill anywhere loses none. */
  async #file(path: string, signal: AbortSignal): Promise<void> {
    const { fileSystem, log } = this.#options.world
    const journal = await ReplayJournal.read(fileSystem, journalPath(path))
    const refused = new Map<string, DeadLetter>()
    try {
      await this.#send(path, { journal, refused, signal })
    } finally {
      try {
        await journal.write().catch((error: unknown) => {
          log.warn({ sink: this.name, error: String(error) }, 'what was replayed cannot be noted')
        })
        await this.#settle(path, journal, refused)
      } finally {
        await journal.close()
      }
    }
  }

  async #send(
    path: string,
    run: { journal: ReplayJournal; refused: Map<string, DeadLetter>; signal: AbortSignal },
  ): Promise<void> {
    const { target, world, asked, name } = this.#options
    const { clock, random, log, redact, fileSystem } = world
    const { letters } = target.sink
    const feed = new LetterFeed(fileSystem, path, {
      isWanted: (letter) => isAskedFor(letter, asked) && !run.journal.ids.has(letter.id),
      isSendable: ({ event }) => letters?.partition(event, 0) !== undefined,
    })
    if (letters) {
      this.#pace = new Pace(clock, () => target.delivery.status(), run.signal)
      this.#replay = new Replay({
        name,
        type: target.config.type,
        sink: new LetterSink(target.sink, letters, this.#pace),
        config: target.config,
        feed,
        clock,
        random,
        log,
        redact,
        acknowledged: (event) => {
          const { id, source } = letterOf(event)
          run.journal.add(id, source)
          this.#sent += 1
        },
        refused: (again) => this.#refusedAgain(again, run.refused),
      })
      await this.#replay.run(run.signal)
    } else {
      // None of them can be sent; it counts them.
      await feed.next()
      await feed.close()
    }
    this.#unsendable += feed.unsendable
  }

  #refusedAgain(letters: readonly DeadLetter[], refused: Map<string, DeadLetter>): void {
    this.#refusals.add(letters)
    for (const letter of letters) {
      if (refused.size >= limits.refusedAnew) return
      // The event is in the file.
      refused.set(letter.id, { ...letter, event: { target: '', body: '' } })
    }
  }

  async #settle(
    path: string,
    journal: ReplayJournal,
    refused: ReadonlyMap<string, DeadLetter>,
  ): Promise<void> {
    const { target, world } = this.#options
    if (journal.ids.size === 0 && refused.size === 0) return
    const fateOf = ({ id }: { readonly id: string }, line: Buffer): Fate => {
      if (journal.ids.has(id)) return 'leaves'
      const again = refused.get(id)
      return again ? refusedLine(line, again) : 'stays'
    }
    const { left } = await world.deadLetters.rewrite(this.name, path, fateOf).catch((error: unknown) => {
      throw new JobRefused(
        `${journal.ids.size} letters were taken by ${this.name}, but cannot be taken out of ${path}: ${String(error)}; the next replay or start of the agent does so, without sending them again`,
        { cause: error },
      )
    })
    const { replays } = target.delivery
    let counted = 0
    for (const [source, letters] of left) {
      replays.replayLetters(source, letters)
      counted += letters
    }
    // Expired while they were under way: those count as dropped.
    replays.replay(Math.max(0, journal.ids.size - counted))
    await target.cursor.save()
    await journal.remove()
  }
}

/** The letter as it was, with what the server says of it now. It keeps its age: a replay must not make it live for ever. */
function refusedLine(line: Buffer, { reason, status, type, text, attempts }: DeadLetter): Uint8Array {
  const letter: DeadLetter = JSON.parse(line.toString())
  const now = { ...letter, reason, status, type, text, attempts: letter.attempts + attempts }
  return Buffer.from(JSON.stringify(now))
}
