import type { Cursor } from '../buffer/buffer.ts'
import type { DeliveryConfig } from '../components/fields.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Sink } from '../sinks/sink.ts'
import type { SinkMeter, SinkStatus } from '../telemetry/view.ts'
import type { DeadLetterStore } from './dead-letters.ts'

export interface DeliveryOptions {
  readonly name: string
  readonly type: string
  readonly sink: Sink
  readonly cursor: Cursor
  readonly config: DeliveryConfig
  readonly deadLetters: DeadLetterStore
  readonly clock: Clock
  /** From [0, 1). */
  readonly random: () => number
  readonly log: Log
  readonly meter: SinkMeter
  readonly redact: (text: string) => string
  /** Labels that the sink has demoted, for the status. */
  readonly labelDemotions?: () => number
}

/** One sink's way from the buffer to the server. Each has its own loop: a slow or dead sink never keeps another waiting. */
export interface Delivery {
  start(): void
  /** Sends open batches now (SIGUSR2). */
  flush(): void
  /** Resolves to true once all that could be read at the call was settled; to false if `signal` aborts or it stops. */
  settled(signal: AbortSignal): Promise<boolean>
  /**
   * Stops reading, settles what is in flight, and sends what was read but never sent unless the sink is failing; when
   * `signal` aborts the rest is given up and stays in the buffer. Then saves the cursor. Safe before `start`, and twice.
   * The sink and the cursor are the caller's to close.
   */
  stop(signal: AbortSignal): Promise<void>
  status(): SinkStatus
  /** Counts what was sent again by a command, outside the ledger. */
  readonly replays: ReplayCounter
}

export interface ReplayCounter {
  /** Events of the buffer that the sink took once more. */
  replay(events: number): void
  /** Dead letters that the sink took at last, and that are out of their file. */
  replayLetters(source: string, letters: number): void
}
