import type { SendResult } from '../../core/outcome.ts'
import type {
  BatchItem,
  BatchLimits,
  EncodedRequest,
  LetterEncoder,
  Sink,
  SinkPreview,
} from '../../sinks/sink.ts'
import { letterOf } from './letter-record.ts'
import type { Pace } from './pace.ts'
import { smallRequests } from './small-requests.ts'

/** The sink as dead letters see it: they are sent as they were kept, in requests of their own, each in its turn. */
export class LetterSink implements Sink {
  readonly limits: BatchLimits
  readonly ordered: boolean
  readonly resendIsSafe = true
  readonly #sink: Sink
  readonly #letters: LetterEncoder
  readonly #pace: Pick<Pace, 'turn'>

  constructor(sink: Sink, letters: LetterEncoder, pace: Pick<Pace, 'turn'>) {
    this.limits = smallRequests(sink.limits)
    this.ordered = sink.ordered
    this.#sink = sink
    this.#letters = letters
    this.#pace = pace
  }

  partition({ event, variant }: BatchItem): string {
    const partition = this.#letters.partition(letterOf(event).event, variant)
    if (partition === undefined) throw new Error('this letter is none of this sink')
    return partition
  }

  sizeOf({ event }: BatchItem): number {
    return this.#letters.sizeOf(letterOf(event).event)
  }

  async encode(items: readonly BatchItem[], partition: string): Promise<EncodedRequest> {
    await this.#pace.turn()
    const letters = items.map((item) => ({ kept: letterOf(item.event).event, item }))
    return this.#letters.encode(letters, partition)
  }

  send(request: EncodedRequest, signal: AbortSignal): Promise<SendResult> {
    return this.#sink.send(request, signal)
  }

  probe(signal: AbortSignal): Promise<string> {
    return this.#sink.probe(signal)
  }

  describe({ event }: BatchItem): SinkPreview {
    return letterOf(event).event
  }

  /** It is its delivery's to close. */
  close(): Promise<void> {
    return Promise.resolve()
  }
}
