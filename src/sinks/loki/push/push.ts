/** What a push carries, before it becomes protobuf or JSON. */

/** Entries of one stream, ascending by time: Loki answers 204 for refused entries of all streams but the last. */
export interface Push {
  readonly labels: LabelSet
  readonly entries: readonly PushEntry[]
}

export type Label = readonly [name: string, value: string]

/** A stream's labels, sorted by name, never empty. */
export interface LabelSet {
  readonly pairs: readonly Label[]
  /** `{a="b", c="d"}`, escaped so that every value parses as exactly one label. */
  readonly text: string
}

export interface PushEntry {
  /** Loki's time: the event's time plus its bump. */
  readonly seconds: number
  readonly nanos: number
  /** Valid UTF-8, 256 KiB at most. */
  readonly line: Uint8Array
  readonly metadata: Metadata
}

/** Structured metadata of an entry: what all events of a record share, encoded once, and the entry's own. */
export interface Metadata {
  readonly shared: SharedMetadata
  /** Names are ASCII and not among the shared ones. */
  readonly own: readonly Label[]
}

export interface SharedMetadata {
  readonly pairs: readonly Label[]
  /** The pairs as fields 3 of logproto's EntryAdapter. */
  readonly protobuf: Uint8Array
  /** Bytes of names and values, as Loki counts them. */
  readonly size: number
}
