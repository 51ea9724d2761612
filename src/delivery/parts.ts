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
    moveToDropped(cursor, { source, letters, reason })
  })
  reconcile(cursor, store)
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

/** Dead letters that are gone: the ledger's sum stays as it is, and never more are moved than were counted. */
function moveToDropped(cursor: Cursor, { source, letters, reason }: Move): void {
  let counts = cursor.counts.get(source)
  if (!counts) cursor.counts.set(source, (counts = newSinkCounts()))
  const moved = Math.min(letters, counts.deadLettered)
  if (moved === 0) return
  counts.deadLettered -= moved
  counts.dropped[reason] = (counts.dropped[reason] ?? 0) + moved
}

/**
 * A crash may come between the removal of a file of dead letters and the save of the cursor that counts it. So what the
 * cursor counts as dead-lettered, but is not there any more, has left.
 */
function reconcile(cursor: Cursor, store: SinkDeadLetters): void {
  const stored = store.bySource()
  const unreadable = stored.get('') ?? 0
  for (const [source, { deadLettered }] of cursor.counts) {
    const letters = deadLettered - (stored.get(source) ?? 0) - unreadable
    if (letters > 0) moveToDropped(cursor, { source, letters, reason: 'dead_letters_full' })
  }
}
