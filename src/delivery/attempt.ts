import type { Cursor } from '../buffer/buffer.ts'
import type { Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import type { SendResult } from '../core/outcome.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Attempts } from './pace/attempts.ts'
import { retryDelayMs } from './pace/backoff.ts'
import type { BackoffRange } from './pace/backoff.ts'
import { Batch } from './batch.ts'
import type { Counters } from './report/counters.ts'
import type { AttemptEnd } from './dispatcher.ts'
import type { Flight } from './flight.ts'
import type { Failure } from './pace/gate.ts'
import type { DeliveryItem, ItemPool } from './item.ts'
import type { LetterWriter } from './letters/letter-writer.ts'
import type { Outstanding } from './outstanding.ts'
import type { DeliveryRun } from './run.ts'
import { sendOnce } from './request.ts'
import type { Answer, RequestOptions } from './request.ts'
import { settle } from './settle.ts'
import type { Accepted, Rejection, SettleRules, Verdict } from './settle.ts'
import { chop, halve } from './split.ts'
import type { LearnedSize } from './split.ts'
import type { TroubleLog } from './report/trouble.ts'

export interface AttemptOptions {
  readonly sink: Sink
  readonly cursor: Cursor
  readonly clock: Clock
  readonly random: () => number
  readonly range: BackoffRange
  readonly outstanding: Outstanding
  readonly items: ItemPool
  readonly attempts: Attempts
  readonly counters: Counters
  readonly learned: LearnedSize
  readonly letters: LetterWriter
  readonly troubles: TroubleLog
  readonly request: RequestOptions
}

/** One try at one batch: send, settle what is decided, and say what is to be sent again, and when. */
export class AttemptRunner {
  readonly #options: AttemptOptions

  constructor(options: AttemptOptions) {
    this.#options = options
  }

  async run(flight: Flight): Promise<AttemptEnd> {
    const { batch } = flight
    const { learned, letters, sink, troubles } = this.#options
    if (!batch.isHalf && batch.count > 1 && batch.bytes > learned.bytes) {
      return { pieces: chop(batch, learned.bytes), rerouted: [], verdict: undefined, isTooMuch: false }
    }
    const answer = await sendOnce(flight, this.#options.request)
    if (flight.cancelled) return this.#givenUp(answer, batch)
    const { lostAnswers, result } = this.#withLostAnswers(answer, batch)
    if (batch.runs && isPlainlyAccepted(result)) return this.#accept(batch.runs, batch)
    const items = answer.items ?? batch.items
    this.#note(items, result)
    const verdict = settle(result, items, this.#rules(batch))
    if (verdict.split === 'too_large') learned.refused(answer.rawBytes)
    if (verdict.trouble) troubles.report(verdict.trouble)
    if (verdict.rejected.length > 0) {
      reportRejected(verdict.rejected, troubles)
      await letters.write(verdict.rejected, flight.signal)
    }
    const end = this.#end(batch, verdict, { result, lostAnswers })
    if (verdict.accepted === batch.count && !sink.runs) this.#options.items.giveBack(batch.items)
    return end
  }

  /** The usual case, in which no event is looked at by itself: nothing was ever noted about any of them. */
  #accept(runs: readonly DeliveryRun[], { partition }: Batch): AttemptEnd {
    const { attempts, cursor, outstanding } = this.#options
    for (const run of runs) {
      cursor.settleRun(run, 'acknowledged')
      outstanding.done(run)
    }
    attempts.passed(partition)
    return { pieces: [], rerouted: [], verdict: 'passed', isTooMuch: false }
  }

  /** Stopped or skipped: nothing is known of the events, and nothing is said about the sink. */
  #givenUp(answer: Answer, batch: Batch): AttemptEnd {
    if (answer.result.kind === 'all' && answer.result.unanswered) {
      for (const item of batch.items) item.unanswered = true
    }
    const piece = new Batch(batch.partition, batch.items, batch.bytes)
    return { pieces: [piece], rerouted: [], verdict: undefined, isTooMuch: false }
  }

  /** A large body that gets no answer again and again: something on the way may cut it because of its size. */
  #withLostAnswers({ result, rawBytes }: Answer, batch: Batch): { lostAnswers: number; result: SendResult } {
    const wasLost = result.kind === 'all' && result.unanswered === true && result.outcome.kind === 'retry'
    if (!wasLost) return { lostAnswers: 0, result }
    const lostAnswers = batch.lostAnswers + 1
    const isSplit = lostAnswers >= limits.lostAnswersBeforeSplit && rawBytes > limits.lostAnswerSplitBytes
    if (!isSplit || batch.count < 2) return { lostAnswers, result }
    const { code, outcome } = result
    return {
      lostAnswers,
      result: { kind: 'split', code, why: 'too_large', single: outcome, unanswered: true },
    }
  }

  #note(items: readonly DeliveryItem[], result: SendResult): void {
    const isUnanswered = result.kind !== 'items' && result.unanswered === true
    for (const item of items) {
      item.attempts += 1
      if (isUnanswered) item.unanswered = true
    }
  }

  #rules({ partition }: Batch): SettleRules {
    const { attempts, cursor, outstanding } = this.#options
    return {
      accept: (item, outcome) => {
        this.#count(item, outcome)
        cursor.settle(item.event, 'acknowledged')
        outstanding.done(item)
      },
      passed: () => attempts.passed(partition),
      isStuck: (item) => attempts.isStuck(item, partition),
      held: (item) => attempts.held(item),
    }
  }

  #count(item: DeliveryItem, outcome: Accepted): void {
    const { counters, sink } = this.#options
    if (outcome.note !== undefined) counters.note(outcome.note)
    if (outcome.duplicate === true && !item.unanswered) counters.note('already_there')
    if (item.unanswered && outcome.duplicate === undefined && !sink.resendIsSafe) counters.possibleDuplicate()
  }

  #end(
    batch: Batch,
    verdict: Verdict,
    { result, lostAnswers }: { result: SendResult; lostAnswers: number },
  ): AttemptEnd {
    const jitter = this.#options.random()
    const retryAfterMs = result.kind === 'all' ? result.retryAfterMs : undefined
    const pieces: Batch[] = verdict.split ? halve(batch) : []
    if (verdict.again.length > 0) {
      const again = new Batch(batch.partition, verdict.again)
      again.failures = batch.failures + 1
      again.lostAnswers = lostAnswers
      again.isHeld = verdict.isHeld
      again.isHalf = batch.isHalf
      const delayMs = retryDelayMs(again.failures, this.#options.range, jitter, retryAfterMs)
      again.notBeforeMs = this.#options.clock.monotonic() + delayMs
      pieces.push(again)
      this.#options.counters.retries += 1
    }
    return {
      pieces,
      rerouted: this.#reroute(verdict.rerouted),
      verdict: sinkVerdict(batch, result, { verdict, retryAfterMs, jitter }),
      isTooMuch: verdict.isTooMuch,
    }
  }

  /** The sink may encode them in another way now: their partition and size are asked for again. */
  #reroute(items: readonly DeliveryItem[]): Batch[] {
    const { sink } = this.#options
    const byPartition = new Map<string, DeliveryItem[]>()
    for (const item of items) {
      const partition = sink.partition(item)
      item.bytes = sink.sizeOf(item)
      const others = byPartition.get(partition)
      if (others) others.push(item)
      else byPartition.set(partition, [item])
    }
    return [...byPartition].map(([partition, rerouted]) => new Batch(partition, rerouted))
  }
}

/** All events, with nothing to count apart. */
function isPlainlyAccepted(result: SendResult): boolean {
  if (result.kind !== 'all' || result.outcome.kind !== 'accepted') return false
  return result.outcome.duplicate === undefined && result.outcome.note === undefined
}

/** Most texts of servers begin with their type. */
const namedText = ({ type, text }: Rejection['outcome']): string =>
  text.startsWith(type) ? text : `${type} ${text}`

/** Once for each reason, not for each event: cleaning a text of secrets costs more than sending the event. */
function reportRejected(rejected: readonly Rejection[], troubles: TroubleLog): void {
  const counts = new Map<string, { count: number; text: string }>()
  for (const { outcome } of rejected) {
    const known = counts.get(outcome.reason)
    if (known) known.count += 1
    else counts.set(outcome.reason, { count: 1, text: namedText(outcome) })
  }
  for (const [reason, { count, text }] of counts) troubles.report({ kind: 'rejected', reason, text }, count)
}

/**
 * What the answer says about the sink as a whole. Refusals of single events and of load leave the others a chance; and
 * where such a batch is refused again, that is no news about the sink: fresh batches must not wait the longer for it.
 */
function sinkVerdict(
  batch: Batch,
  result: SendResult,
  { verdict, retryAfterMs, jitter }: Pick<Failure, 'retryAfterMs' | 'jitter'> & { readonly verdict: Verdict },
): AttemptEnd['verdict'] {
  const { accepted, rejected, rerouted, again } = verdict
  if (accepted + rejected.length + rerouted.length > 0) return 'passed'
  if (result.kind === 'split' && !result.unanswered) return again.length > 0 ? undefined : 'passed'
  const isWholeSink =
    result.kind === 'all' && !(result.outcome.kind === 'retry' && result.outcome.reason === 'throttled')
  if (!isWholeSink && batch.failures > 0 && retryAfterMs === undefined) return undefined
  return { isWholeSink, retryAfterMs, jitter }
}
