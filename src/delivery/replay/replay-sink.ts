import type { SendResult } from '../../core/outcome.ts'
import type { BatchItem, BatchLimits, EncodedRequest, Sink, SinkPreview } from '../../sinks/sink.ts'
import type { Pace } from './pace.ts'
import { smallRequests } from './small-requests.ts'

/**
 * The sink as a replay uses it: beside its delivery, by the same encoder and connection, in requests of its own that are
 * smaller, and each in its turn. Event by event, as for none of them it is known whether the server has it.
 */
export class ReplaySink implements Sink {
  readonly limits: BatchLimits
  readonly ordered: boolean
  /** What comes twice was asked for. */
  readonly resendIsSafe = true
  /** Events that the server said it had. */
  alreadyThere = 0
  readonly #sink: Sink
  readonly #pace: Pick<Pace, 'turn'>

  constructor(sink: Sink, pace: Pick<Pace, 'turn'>) {
    this.limits = smallRequests(sink.limits)
    this.ordered = sink.ordered
    this.#sink = sink
    this.#pace = pace
  }

  partition(item: BatchItem): string {
    // An id of the event's own that is there already is most likely there from us.
    item.unanswered = true
    return this.#sink.partition(item)
  }

  sizeOf(item: BatchItem): number {
    return this.#sink.sizeOf(item)
  }

  async encode(items: readonly BatchItem[], partition: string): Promise<EncodedRequest> {
    await this.#pace.turn()
    return this.#sink.encode(items, partition)
  }

  async send(request: EncodedRequest, signal: AbortSignal): Promise<SendResult> {
    const result = await this.#sink.send(request, signal)
    if (result.kind === 'items') {
      for (const outcome of result.outcomes)
        if (outcome.kind === 'accepted' && outcome.duplicate === true) this.alreadyThere += 1
    }
    return result
  }

  probe(signal: AbortSignal): Promise<string> {
    return this.#sink.probe(signal)
  }

  describe(item: BatchItem): SinkPreview {
    return this.#sink.describe(item)
  }

  /** It is its delivery's to close. */
  close(): Promise<void> {
    return Promise.resolve()
  }
}
