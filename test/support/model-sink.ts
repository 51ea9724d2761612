import type { Cursor, StoredEvent } from '../../src/buffer/buffer.ts'

/** What the model of the buffer knows of a sink. */
export interface ModelSink {
  readonly name: string
  /** Every event that it ever settled, and those whose settling a resolved `save` has put on disk. */
  readonly settled: Set<string>
  readonly saved: Set<string>
  open: StoredEvent[]
  cursor: Cursor | undefined
}

export const newModelSink = (name: string): ModelSink => ({
  name,
  settled: new Set(),
  saved: new Set(),
  open: [],
  cursor: undefined,
})
