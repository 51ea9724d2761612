import type { SinkPreview } from '../sink.ts'

/** A document as it was to be sent, taken out of a dead letter. */
export interface KeptDocument {
  readonly index: string
  readonly id: string | undefined
  /** On one line. */
  readonly body: string
}

/** The action line, and what its quotes and escapes may take. */
const actionBytes = 160

/** Undefined for what no sink of this type has written: then nothing of it may become a line of a bulk body. */
export function keptDocument({ body, details }: SinkPreview): KeptDocument | undefined {
  const { index, id } = details ?? {}
  const document = body.trimEnd()
  if (typeof index !== 'string' || index === '' || !(id === undefined || typeof id === 'string'))
    return undefined
  return /^\{[^\n\r]*\}$/.test(document) ? { index, id, body: document } : undefined
}

export function keptBytes({ body, target }: SinkPreview): number {
  return Buffer.byteLength(body) + 2 * target.length + actionBytes
}
