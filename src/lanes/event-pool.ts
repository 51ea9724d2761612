import { Body } from '../core/event.ts'
import type { DraftEvent, Edit, Instant, Severity } from '../core/event.ts'

/** A read of 256 KiB seldom has more lines; what comes beyond is garbage like any other. */
const mostKept = 4096

const noBytes = Buffer.alloc(0)
const noEdits: readonly Edit[] = []

/** An event that is filled again and again. */
export class LaneEvent implements DraftEvent {
  from = 0
  to = 0
  readonly time: { seconds: number; nanos: number } = { seconds: 0, nanos: 0 }
  precision = 0
  bump = 0
  severity: Severity = 0
  flags = 0
  body: Body = Body.message
  bytes: Buffer = noBytes
  lineAt = 0
  lineLength = 0
  traceId = ''
  spanId = ''
  traceAt: number | undefined
  traceLength = 0
  spanAt: number | undefined
  members = ''
  edits: readonly Edit[] = noEdits
  suppressed = 0
  routes = 0

  get line(): Buffer {
    return this.bytes.subarray(this.lineAt, this.lineAt + this.lineLength)
  }

  setTime({ seconds, nanos }: Instant): void {
    this.time.seconds = seconds
    this.time.nanos = nanos
  }
}

/**
 * Events whose chunk is in the buffer are used again: made anew for each line, those of the chunk at hand were copied at
 * each of V8's collections (bench/README.md). One pool serves all files of a source, one after the other.
 */
export class EventPool {
  readonly #unused: LaneEvent[] = []

  take(): LaneEvent {
    return this.#unused.pop() ?? new LaneEvent()
  }

  giveBack(events: readonly DraftEvent[]): void {
    for (const event of events) {
      if (this.#unused.length >= mostKept) return
      if (!(event instanceof LaneEvent)) continue
      // Or the pool would keep what was read into memory.
      event.bytes = noBytes
      this.#unused.push(event)
    }
  }
}
