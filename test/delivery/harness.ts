import { settledEvents } from '../../src/core/ledger.ts'
import type { Log } from '../../src/core/log.ts'
import type { DeadLetter } from '../../src/delivery/letters/dead-letter.ts'
import type { DeadLetterStore, LettersLeft, SinkDeadLetters } from '../../src/delivery/dead-letters.ts'
import { createDelivery } from '../../src/delivery/delivery-loop.ts'
import type { Delivery } from '../../src/delivery/delivery.ts'
import { FakeBuffer } from '../support/fake-cursor.ts'
import type { FakeCursor } from '../support/fake-cursor.ts'
import { FakeClock, turn } from '../support/fake-clock.ts'
import type { FakeSink } from '../support/fake-sink.ts'

/** Dead letters in memory, with a disk that can be full. */
export class FakeDeadLetters implements DeadLetterStore {
  readonly letters = new Map<string, DeadLetter>()
  fails: Error | undefined
  writes = 0
  onLeft: LettersLeft = () => {}

  forSink(_sink: string, onLeft: LettersLeft): SinkDeadLetters {
    this.onLeft = onLeft
    return {
      write: async (letters) => {
        await turn()
        if (this.fails) throw this.fails
        this.writes += 1
        for (const letter of letters) this.letters.set(letter.id, letter)
      },
      bySource: () => {
        const counts = new Map<string, number>()
        for (const { source } of this.letters.values()) counts.set(source, (counts.get(source) ?? 0) + 1)
        return counts
      },
    }
  }

  get lines(): string[] {
    return [...this.letters.values()].map(({ event }) => event.body)
  }

  stored(): number {
    return this.letters.size
  }

  fullness(): number {
    return 0
  }

  async close(): Promise<void> {}
}

export interface Logged {
  readonly level: string
  readonly fields: Record<string, unknown>
  readonly message: string
}

export function collectingLog(): { readonly log: Log; readonly logged: Logged[] } {
  const logged: Logged[] = []
  const at = (level: string) => (fields: object, message: string) => {
    logged.push({ level, fields: { ...fields }, message })
  }
  return { log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, logged }
}

interface HarnessOptions {
  readonly sink: FakeSink
  readonly buffer?: FakeBuffer
  readonly clock?: FakeClock
  readonly deadLetters?: DeadLetterStore
  readonly config?: { readonly timeout?: number; readonly max_in_flight?: number; readonly retry?: Range }
  /** Constant by default, so that backoffs are half of their ceilings. */
  readonly random?: () => number
  readonly mostOpen?: number
}

interface Range {
  readonly min: number
  readonly max: number
}

export interface Harness {
  readonly sink: FakeSink
  readonly buffer: FakeBuffer
  readonly clock: FakeClock
  readonly cursor: FakeCursor
  readonly deadLetters: FakeDeadLetters
  readonly delivery: Delivery
  readonly logged: Logged[]
  readonly metered: { readonly code: string; readonly seconds: number }[]
}

/** A delivery over fakes, not started yet. */
export function harness(options: HarnessOptions): Harness {
  const { sink, buffer = new FakeBuffer(), clock = new FakeClock() } = options
  const cursor = buffer.openCursor(options.mostOpen === undefined ? {} : { mostOpen: options.mostOpen })
  const fake = new FakeDeadLetters()
  const { log, logged } = collectingLog()
  const metered: { code: string; seconds: number }[] = []
  const delivery = createDelivery({
    name: 'fake',
    type: 'fake',
    sink,
    cursor,
    config: {
      retry: { min: 500, max: 30_000 },
      timeout: 10_000,
      max_in_flight: 4,
      when_full: 'block',
      ...options.config,
    },
    deadLetters: options.deadLetters ?? fake,
    clock,
    random: options.random ?? (() => 0.5),
    log,
    meter: { request: (code, seconds) => metered.push({ code, seconds }) },
    redact: (text) => text.replaceAll('hunter22', '[redacted]'),
  })
  return { sink, buffer, clock, cursor, deadLetters: fake, delivery, logged, metered }
}

/** The harness with these lines in the buffer, started, and moved on until the first requests are out. */
export async function started(options: HarnessOptions, lines: readonly string[] = []): Promise<Harness> {
  const parts = harness(options)
  if (lines.length > 0) parts.buffer.append(lines)
  parts.delivery.start()
  await turns()
  return parts
}

/** Lets chains of promises and immediate callbacks run to their end. */
export async function turns(count = 10): Promise<void> {
  for (let index = 0; index < count; index++) await turn()
}

export const numbered = (count: number, prefix = 'line '): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

/** Lines settled so, in the order of settling. */
export const settledAs = (cursor: FakeCursor, as: string): string[] =>
  cursor.settlements
    .filter((settlement) => settlement.as === as)
    .map(({ event }) => Buffer.from(event.line).toString())

export const sentLines = (sink: FakeSink): string[][] => sink.requests.map(({ lines }) => [...lines])

/** Read = settled + still in the buffer, from the fake's two sides. */
export function ledgerAddsUp({ buffer, cursor }: Pick<Harness, 'buffer' | 'cursor'>): boolean {
  let settled = 0
  for (const counts of cursor.counts.values()) settled += settledEvents(counts)
  return settled + cursor.lag().events === buffer.events.length
}

export const never = new AbortController().signal

export const systemError = (code: string): Error =>
  Object.assign(new Error(`${code}: made by the test`), { code })
