/**
 * One log event, a line or a joined multiline, as it is decided once by a lane and then only read.
 *
 * A lane makes `DraftEvent`s, the buffer stores them, and sinks read them back as `StoredEvent`s
 * (`buffer/stored-record.ts`). Both sides share these words.
 */

/** 0 where the line names no level. The numbers are stored on disk: never renumber. */
export const Severity = { none: 0, trace: 1, debug: 2, info: 3, warn: 4, error: 5, fatal: 6 } as const
export type Severity = (typeof Severity)[keyof typeof Severity]

/** `log.level` and the label `level`, by Severity number; '' for none. */
export const severityNames = ['', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

/** Bits of `DraftEvent.flags`. The numbers are stored on disk: never renumber. */
export const EventFlag = {
  /** Cut at `max_line_bytes`, or a join cut at its bound. */
  truncated: 1,
  /** Sent before its end was seen: a last line without newline, or fragments whose end never came. */
  partial: 2,
  multiline: 4,
  /** Bytes that were no UTF-8 were replaced by U+FFFD. */
  invalidUtf8: 8,
  /** The line had no usable time: it carries the time of reading. */
  timeOfReading: 16,
} as const

/** The flags that a document shows in `log.flags`, in this order. */
export const shownFlags: readonly (readonly [number, string])[] = [
  [EventFlag.truncated, 'truncated'],
  [EventFlag.partial, 'partial'],
  [EventFlag.multiline, 'multiline'],
  [EventFlag.invalidUtf8, 'invalid_utf8'],
]

/** How a document is made of the line. Stored on disk: never renumber. */
export const Body = {
  /** The line is a valid JSON object; its members are the document's, byte for byte, after `edits`. */
  json: 0,
  /** The line is text and becomes the member `message`. */
  message: 1,
  /** A parser took the line apart; only `members` go into the document. */
  members: 2,
} as const
export type Body = (typeof Body)[keyof typeof Body]

/** Nanoseconds do not fit a JavaScript number, so an instant is two. */
export interface Instant {
  /** Whole seconds since 1970 (UTC), 0 to 2^32-1. */
  readonly seconds: number
  /** 0 to 999,999,999. */
  readonly nanos: number
}

export const isBefore = (a: Instant, b: Instant): boolean =>
  a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos)

/** Nanoseconds that a one in the last of so many digits behind the second stands for, 0 to 9 digits. */
export const nanosOfLastDigit = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 1] as const

/** A span's id is 64 bits in hex. */
export const spanIdLength = 16

/**
 * A splice of the line that only documents get (the Loki line and the buffer keep the line as it is): the bytes
 * `[at, at + cut)` of the line are replaced by `insert`. Edits are in ascending order and never overlap.
 */
export interface Edit {
  readonly at: number
  readonly cut: number
  readonly insert: string
}

/**
 * Bits of `DraftEvent.suppressed`: what the agent need not write because the line already says the same.
 * From `shared0` on, bit `shared0 << i` stands for the i-th shared member of the chunk. Stored on disk.
 */
export const Suppressed = {
  timestamp: 1,
  level: 2,
  traceId: 4,
  spanId: 8,
  offset: 16,
  flags: 32,
  shared0: 64,
} as const

/** Shared members above this count cannot be suppressed singly (bits run out): a lane cuts the line's own member by an edit. */
export const suppressibleSharedMembers = 24

export interface DraftEvent {
  /** The stretch `[from, to)` of the file generation, newline included. Unique within the generation. */
  readonly from: number
  readonly to: number
  /** The event's own time, or the time of reading (flag). */
  readonly time: Instant
  /** How many digits after the second the line gave, 0 to 9. */
  readonly precision: number
  /** Nanoseconds that Loki's copy of the time gets on top, so that equal lines at equal times stay apart. */
  readonly bump: number
  readonly severity: Severity
  readonly flags: number
  readonly body: Body
  /** The line after unwrapping and steps, valid UTF-8, without newline. Owned by the chunk's maker until `append` resolves. */
  readonly line: Uint8Array
  /** Where `line` lies, for who copies it: a view on each line would cost more than its bytes. */
  readonly bytes?: Buffer | undefined
  readonly lineAt?: number | undefined
  readonly lineLength?: number | undefined
  /** Lower-case hex, or ''. Also '' where `line` has it in these very letters, and a place says where. */
  readonly traceId: string
  readonly spanId: string
  /** Where the id begins in `line`, and how long it is (a span's is 16): most lines carry their ids as we keep them. */
  readonly traceAt?: number | undefined
  readonly traceLength?: number | undefined
  readonly spanAt?: number | undefined
  /** Members that parsers add, as JSON text without braces: `"stream":"stdout","status":200`; '' for none. */
  readonly members: string
  readonly edits: readonly Edit[]
  readonly suppressed: number
  /** Bit i set: the event goes to the sink with bit i (`Chunk.routes` names the bits). */
  readonly routes: number
}
