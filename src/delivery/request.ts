import type { Clock } from '../core/clock.ts'
import type { SendResult } from '../core/outcome.ts'
import type { BatchItem, EncodedRequest, Sink } from '../sinks/sink.ts'
import type { Batch } from './batch.ts'
import type { Flight } from './flight.ts'
import { DeliveryItem } from './item.ts'

export interface Answer {
  readonly result: SendResult
  /** In the order in which they were encoded, where that is not the batch's own. */
  readonly items?: readonly DeliveryItem[] | undefined
  /** Bytes of the body before compression, 0 if nothing was sent. */
  readonly rawBytes: number
}

export interface RequestOptions {
  readonly sink: Sink
  readonly clock: Clock
  /** The whole time that a request may take, from the first byte sent to the last one read. */
  readonly timeoutMs: number
  /** One request ended. */
  readonly ended: (code: string, milliseconds: number) => void
  /** The sink threw: our own mistake, that must neither lose an event nor stop the others. */
  readonly mistake: (what: string, error: unknown) => void
}

/** Encodes a batch and sends it once. Always resolves: at the deadline and on `flight.cancel` without the sink's help. */
export async function sendOnce(flight: Flight, options: RequestOptions): Promise<Answer> {
  const { sink, clock } = options
  const { batch } = flight
  let request: EncodedRequest | undefined
  let encoded: readonly DeliveryItem[] | undefined
  try {
    request = await unlessCancelled(encode(batch, sink), flight)
    if (!request || flight.cancelled) return { result: { ...cancelled, unanswered: false }, rawBytes: 0 }
    encoded = encodedItems(request, batch)
  } catch (error) {
    options.mistake('encode', error)
    return { result: cannotEncode(error), rawBytes: 0 }
  }
  const startedMs = clock.monotonic()
  const sent = await sendWithDeadline(request, flight, options)
  const result = checked(sent, batch.count, options)
  if (!flight.cancelled) options.ended(result.code, clock.monotonic() - startedMs)
  return { result, items: encoded, rawBytes: request.rawBytes }
}

function encode(batch: Batch, sink: Sink): Promise<EncodedRequest> {
  return batch.runs && sink.runs
    ? sink.runs.encode(batch.runs, batch.partition)
    : sink.encode(batch.items, batch.partition)
}

/** The items in the order in which the sink encoded them; undefined for runs, whose order it keeps. */
function encodedItems(request: EncodedRequest, batch: Batch): readonly DeliveryItem[] | undefined {
  if (request.runs) return undefined
  const { items } = batch
  const encoded = request.items === items ? items : request.items.filter(isOurs)
  if (encoded.length !== items.length) throw new Error('encode left events out')
  return encoded
}

/** Some sinks save their state before they encode, for as long as the disk refuses: a stop must not wait for that. */
async function unlessCancelled<Result>(
  encoding: Promise<Result>,
  flight: Flight,
): Promise<Result | undefined> {
  let forget: (() => void) | undefined
  const cancelled = new Promise<undefined>((resolve) => {
    forget = flight.onCancel(() => resolve(undefined))
  })
  try {
    return await Promise.race([encoding, cancelled])
  } finally {
    forget?.()
  }
}

function sendWithDeadline(
  request: EncodedRequest,
  flight: Flight,
  options: RequestOptions,
): Promise<SendResult> {
  const { clock, sink, timeoutMs } = options
  return new Promise((resolve) => {
    const controller = new AbortController()
    const end = (result: SendResult): void => {
      cancelTimer()
      forget()
      resolve(result)
    }
    // Resolved before the abort: a sink that answers the abort in its own way comes too late, one that ignores it too.
    const giveUp = (): void => {
      end(cancelled)
      controller.abort()
    }
    const cancelTimer = clock.after(
      timeoutMs,
      () => {
        end(timedOut(timeoutMs))
        controller.abort()
      },
      true,
    )
    const forget = flight.onCancel(giveUp)
    const failed = (error: unknown): void => {
      options.mistake('send', error)
      end(badAnswer(errorText(error)))
    }
    void (async () => sink.send(request, controller.signal))().then(end, failed)
  })
}

/** An answer for another number of events than were sent says nothing about any of them. */
function checked(result: SendResult, events: number, { mistake }: RequestOptions): SendResult {
  if (result.kind !== 'items' || result.outcomes.length === events) return result
  const text = `${result.outcomes.length} outcomes for ${events} events`
  mistake('send', new Error(text))
  return badAnswer(text)
}

type WholeResult = Extract<SendResult, { kind: 'all' }>

const cancelled: WholeResult = {
  kind: 'all',
  code: 'cancelled',
  outcome: { kind: 'retry', reason: 'network', text: 'given up' },
  unanswered: true,
}

const timedOut = (timeoutMs: number): WholeResult => ({
  kind: 'all',
  code: 'timeout',
  outcome: { kind: 'retry', reason: 'timeout', text: `no answer within ${timeoutMs} ms` },
  unanswered: true,
})

const badAnswer = (text: string): WholeResult => ({
  kind: 'all',
  code: 'mistake',
  outcome: { kind: 'retry', reason: 'bad_answer', text },
  unanswered: true,
})

/**
 * One event that cannot be encoded must not take the others along: they are found by halving. It is not rejected at
 * once, as a mistake of ours may hit every event: it is tried again, until the rule for stuck events takes it out.
 */
const cannotEncode = (error: unknown): SendResult => ({
  kind: 'split',
  code: 'mistake',
  why: 'poison',
  single: { kind: 'retry', reason: 'bad_answer', text: `cannot encode: ${errorText(error)}` },
})

const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** `encode` may order items, never make them: they are the ones that it was given. */
const isOurs = (item: BatchItem): item is DeliveryItem => item instanceof DeliveryItem
