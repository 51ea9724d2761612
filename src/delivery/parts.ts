import type { Cursor } from '../buffer/buffer.ts'
import type { Clock } from '../core/clock.ts'
import { newSinkCounts } from '../core/ledger.ts'
import type { DropReason } from '../core/ledger.ts'
import type { BatchItem } from '../sinks/sink.ts'
import { AttemptRunner } from './attempt.ts'
import { Attempts } from './pace/attempts.ts'
import { Batch } from './batch.ts'
import { Batcher } from './batcher.ts'
import { Counters } from './report/counters.ts'
import type { SinkDeadLetters } from './dead-letters.ts'
import type { DeliveryOptions } from './delivery.ts'
import { Dispatcher } from './dispatcher.ts'
import type { AttemptEnd } from './dispatcher.ts'
import { Gate } from './pace/gate.ts'
import { ItemIntake, RunIntake } from './intake.ts'
import type { Intake } from './intake.ts'
import { ItemPool } from './item.ts'
import type { DeliveryItem } from './item.ts'
import { LetterWriter } from './letters/letter-writer.ts'
import { Outstanding } from './outstanding.ts'
import type { RequestOptions } from './request.ts'
import type { DeliveryRun } from './run.ts'
import { LearnedSize } from './split.ts'
import { TroubleLog } from './report/trouble.ts'

export interface Parts {
  readonly gate: Gate
  readonly counters: Counters
  readonly outstanding: Outstanding
  readonly items: ItemPool
  readonly troubles: TroubleLog
  readonly batcher: Batcher<DeliveryItem> | Batcher<DeliveryRun>
  readonly intake: Intake
  readonly dispatcher: Dispatcher
  /** Our own mistake: loud in the log, and never the end of a delivery. */
  readonly mistake: (what: string, error: unknown) => void
}

/** One sink's delivery, wired: batcher -> dispatcher -> attempt -> settle, or back to the dispatcher. */
export function buildParts(options: DeliveryOptions, onChange: () => void): Parts {
  const { clock, config, cursor, random, sink } = options
  const gate = new Gate(clock, config.retry)
  const counters = new Counters(cursor)
  const outstanding = new Outstanding()
  const items = new ItemPool()
  const learned = new LearnedSize(clock)
  const troubles = new TroubleLog({ sink: options.name, clock, log: options.log, redact: options.redact })
  const mistake = (what: string, error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    troubles.report({ kind: 'mistake', reason: what, text })
  }
  const shared = { gate, counters, outstanding, items, troubles, mistake }
  const runner = new AttemptRunner({
    sink,
    cursor,
    clock,
    random,
    range: config.retry,
    outstanding,
    items,
    attempts: new Attempts(clock),
    counters,
    learned,
    letters: letterWriter(options, shared),
    troubles,
    request: requestOptions(options, shared),
  })
  const dispatcher = new Dispatcher({
    isOrdered: sink.ordered,
    maxInFlight: config.max_in_flight,
    clock,
    gate,
    attempt: async (flight) => toldRecovery(await runner.run(flight), { gate, troubles, clock }),
    onChange,
  })
  const submit = (batch: Batch): void => dispatcher.submit(batch)
  return { ...shared, dispatcher, ...intakeOf({ ...shared, sink, clock, learned, submit }) }
}

type Shared = Omit<Parts, 'batcher' | 'intake' | 'dispatcher'>

interface IntakeParts
  extends Pick<Shared, 'outstanding' | 'items' | 'mistake'>, Pick<DeliveryOptions, 'sink' | 'clock'> {
  readonly learned: LearnedSize
  readonly submit: (batch: Batch) => void
}

/** Sinks that take runs get runs, the others items. */
function intakeOf(parts: IntakeParts): Pick<Parts, 'batcher' | 'intake'> {
  const { sink, clock, learned, submit } = parts
  const common = { limits: sink.limits, clock, learnedBytes: () => learned.bytes }
  const { runs } = sink
  if (runs) {
    const batcher = new Batcher<DeliveryRun>({
      ...common,
      send: (partition, taken, bytes) => submit(Batch.ofRuns(partition, taken, bytes)),
    })
    const runSink = { runs, sizeOf: (item: BatchItem) => sink.sizeOf(item) }
    return { batcher, intake: new RunIntake({ ...parts, sink: runSink, batcher }) }
  }
  const batcher = new Batcher<DeliveryItem>({
    ...common,
    send: (partition, taken, bytes) => submit(new Batch(partition, taken, bytes)),
  })
  return { batcher, intake: new ItemIntake({ ...parts, batcher }) }
}

/** Called before the gate opens: afterwards nobody knows how long it was closed. */
function toldRecovery(
  end: AttemptEnd,
  { gate, troubles, clock }: Pick<Parts, 'gate' | 'troubles'> & { readonly clock: Clock },
): AttemptEnd {
  const { failingSinceMs } = gate
  if (end.verdict === 'passed' && failingSinceMs !== undefined) {
    troubles.recovered(clock.monotonic() - failingSinceMs)
  }
  return end
}

function letterWriter(
  options: DeliveryOptions,
  { gate, counters, outstanding, troubles }: Shared,
): LetterWriter {
  const { name, sink, cursor, clock, random, redact, config } = options
  const store = options.deadLetters.forSink(name, (source, letters, reason) => {
    moveToDropped({ cursor, counters }, { source, letters, reason })
  })
  const { ended } = store
  if (ended && ended.bySource.size > 0) {
    countEnded({ cursor, counters }, store, ended.bySource)
    // Until then the journals stay, and the next start counts anew.
    void cursor.save().then(
      () => ended.forget(),
      () => {},
    )
  }
  reconcile({ cursor, counters }, store)
  return new LetterWriter({
    sinkName: name,
    sink,
    store,
    clock,
    random,
    range: config.retry,
    gate,
    redact,
    report: (trouble) => troubles.report(trouble),
    written: (rejections) => {
      for (const { item, outcome } of rejections) {
        if (cursor.settle(item.event, 'dead_lettered')) counters.deadLetter(outcome.reason)
        outstanding.done(item)
      }
    },
  })
}

function requestOptions(
  { sink, clock, config, meter }: DeliveryOptions,
  { counters, mistake }: Shared,
): RequestOptions {
  return {
    sink,
    clock,
    timeoutMs: config.timeout,
    ended: (code, milliseconds) => {
      counters.request(code)
      meter.request(code, milliseconds / 1000)
    },
    mistake,
  }
}

interface Move {
  readonly source: string
  readonly letters: number
  readonly reason: DropReason
}

interface Counted {
  readonly cursor: Cursor
  readonly counters: Counters
}

/** Dead letters that are gone: the ledger's sum stays as it is, and never more are moved than were counted. */
function moveToDropped({ cursor, counters }: Counted, { source, letters, reason }: Move): void {
  let counts = cursor.counts.get(source)
  if (!counts) cursor.counts.set(source, (counts = newSinkCounts()))
  const moved = Math.min(letters, counts.deadLettered - counters.replayedLetters(source))
  if (moved <= 0) return
  counts.deadLettered -= moved
  counts.dropped[reason] = (counts.dropped[reason] ?? 0) + moved
}

/**
 * A crash may come between the removal of a file of dead letters and the save of the cursor that counts it. So what the
 * cursor counts as dead-lettered, but is neither there any more nor was sent again, has left.
 */
function reconcile(counted: Counted, store: SinkDeadLetters): void {
  for (const source of counted.cursor.counts.keys())
    moveToDropped(counted, { source, letters: missing(counted, store, source), reason: 'dead_letters_full' })
}

/** A replay was killed between taking letters out and the save of the cursor that counts them. */
function countEnded(counted: Counted, store: SinkDeadLetters, ended: ReadonlyMap<string, number>): void {
  for (const [source, letters] of ended) {
    const uncounted = Math.min(letters, missing(counted, store, source))
    if (uncounted > 0) counted.counters.replayLetters(source, uncounted)
  }
}

/** Events of a source that count as dead-lettered, with no letter, and of which nobody knows where it went. */
function missing({ cursor, counters }: Counted, store: SinkDeadLetters, source: string): number {
  const stored = store.bySource()
  const known = (stored.get(source) ?? 0) + (stored.get('') ?? 0) + counters.replayedLetters(source)
  return Math.max(0, (cursor.counts.get(source)?.deadLettered ?? 0) - known)
}
