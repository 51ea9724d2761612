import type { Clock } from '../../core/clock.ts'
import { sleep } from '../../core/clock.ts'
import { systemErrorCode } from '../../core/file-system.ts'
import { limits } from '../../core/limits.ts'
import type { StoredRecord } from '../../buffer/buffer.ts'
import type { Sink, SinkPreview } from '../../sinks/sink.ts'
import { backoffMs } from '../pace/backoff.ts'
import type { BackoffRange } from '../pace/backoff.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { SinkDeadLetters } from '../dead-letters.ts'
import type { Gate } from '../pace/gate.ts'
import type { DeliveryItem } from '../item.ts'
import type { Rejection } from '../settle.ts'
import type { Trouble } from '../report/trouble.ts'

interface LetterWriterOptions {
  readonly sinkName: string
  readonly sink: Sink
  readonly store: SinkDeadLetters
  readonly clock: Clock
  readonly random: () => number
  readonly range: BackoffRange
  readonly gate: Gate
  readonly redact: (text: string) => string
  readonly report: (trouble: Trouble) => void
  /** These are on disk: they may be settled. */
  readonly written: (rejections: readonly Rejection[]) => void
}

/** Writes refused events to the dead letters before they are settled. While that fails the sink holds. */
export class LetterWriter {
  readonly #options: LetterWriterOptions

  constructor(options: LetterWriterOptions) {
    this.#options = options
  }

  /** Resolves once all are written, or when `signal` aborts: what was not written then is not settled. */
  async write(rejections: readonly Rejection[], signal: AbortSignal): Promise<void> {
    for (const slice of slices(rejections)) {
      const live = slice.filter(({ item }) => !item.ticket.isSkipped)
      const letters = live.map((rejection) => this.#letter(rejection))
      if (!(await this.#writeUntilDone(letters, signal))) return
      this.#options.written(live)
    }
  }

  async #writeUntilDone(letters: readonly DeadLetter[], signal: AbortSignal): Promise<boolean> {
    if (await this.#tryWrite(letters)) return true
    const { clock, gate, random, range } = this.#options
    gate.block()
    try {
      for (let failures = 1; !signal.aborted; failures++) {
        await sleep(clock, backoffMs(failures, range, random()), signal)
        if (!signal.aborted && (await this.#tryWrite(letters))) return true
      }
      return false
    } finally {
      gate.unblock()
    }
  }

  async #tryWrite(letters: readonly DeadLetter[]): Promise<boolean> {
    try {
      await this.#options.store.write(letters)
      return true
    } catch (error) {
      const text = `dead letters cannot be written: ${systemErrorCode(error) || String(error)}`
      this.#options.report({ kind: 'hold', reason: 'dead_letters', text })
      return false
    }
  }

  #letter({ item, outcome }: Rejection): DeadLetter {
    const { clock, redact, sinkName } = this.#options
    const { event } = item
    const { record } = event
    return {
      id: `${record.generation}-${event.from.toString(36)}-${(event.to - event.from).toString(36)}`,
      time: new Date(clock.now()).toISOString(),
      sink: sinkName,
      source: record.source,
      reason: outcome.reason,
      status: outcome.status,
      type: redact(outcome.type).slice(0, limits.serverTextChars),
      text: redact(outcome.text).slice(0, limits.serverTextChars),
      attempts: item.attempts,
      origin: { generation: record.generation, path: pathOf(record), from: event.from, to: event.to },
      event: this.#preview(item),
    }
  }

  /** An event that cannot be encoded may not be describable either: its line is kept then. */
  #preview(item: DeliveryItem): SinkPreview {
    try {
      return this.#options.sink.describe(item)
    } catch {
      return { target: '', body: Buffer.from(item.event.line).toString() }
    }
  }
}

/** So that neither memory nor one write is as large as a batch of refused events. */
function slices(rejections: readonly Rejection[]): Rejection[][] {
  const all: Rejection[][] = []
  let bytes = Infinity
  for (const rejection of rejections) {
    if (bytes + rejection.item.bytes > limits.deadLetterWriteBytes) {
      all.push([])
      bytes = 0
    }
    all.at(-1)!.push(rejection)
    bytes += rejection.item.bytes
  }
  return all
}

function pathOf({ shared }: StoredRecord): string {
  const member = shared.find(({ name }) => name === 'log.file.path')
  if (!member) return ''
  const path: unknown = JSON.parse(member.json)
  return typeof path === 'string' ? path : ''
}
