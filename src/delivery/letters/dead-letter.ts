import { limits } from '../../core/limits.ts'
import type { SinkPreview } from '../../sinks/sink.ts'

/** An event that a sink will never take, as it stands in the file: one line of JSON, in this order of members. */
export interface DeadLetter {
  /** The same for the same event at each try: generation, from, and length in bytes. */
  readonly id: string
  /** When it was given up, RFC 3339. */
  readonly time: string
  readonly sink: string
  readonly source: string
  /** From the fixed table `rejectReasons`. */
  readonly reason: string
  /** The server's status for this event, 0 where it gave none. */
  readonly status: number
  /** The server's own name for the reason. */
  readonly type: string
  /** The server's own text, redacted and cut. */
  readonly text: string
  readonly attempts: number
  readonly origin: {
    readonly generation: string
    readonly path: string
    readonly from: number
    readonly to: number
  }
  /** The event as it would have been sent. */
  readonly event: SinkPreview
}

/** The members that a scan needs, from the head of a line: nothing else of the line is read. */
export interface LetterHead {
  readonly id: string
  readonly timeMs: number
  readonly source: string
}

/** id, time, sink and source come first in a line and are bounded; the head of a line is found within so many bytes. */
export const headBytes = 512
const headPattern = /^\{"id":"([^"\\]{1,200})","time":"([^"\\]{1,40})","sink":"[^"\\]*","source":"([^"\\]*)"/

export const encodeLetter = (letter: DeadLetter): Uint8Array => Buffer.from(`${JSON.stringify(letter)}\n`)

/** `line` is the first `headBytes` bytes of a line as latin1; undefined for what is no letter of ours. */
export function readLetterHead(line: string): LetterHead | undefined {
  const match = headPattern.exec(line)
  if (!match) return undefined
  const timeMs = Date.parse(match[2]!)
  return { id: match[1]!, timeMs: Number.isNaN(timeMs) ? 0 : timeMs, source: match[3]! }
}

/** Ids that were written lately: what comes again after a crash is not written twice. The oldest are forgotten. */
export class RecentIds {
  readonly #ids = new Set<string>()

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  delete(id: string): void {
    this.#ids.delete(id)
  }

  add(id: string): void {
    if (this.#ids.size >= limits.deadLetterIds) this.#ids.delete(this.#ids.values().next().value!)
    this.#ids.add(id)
  }
}
