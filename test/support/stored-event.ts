import type { StoredEvent } from '../../src/buffer/buffer.ts'
import { recordFromChunk } from '../../src/buffer/record-codec.ts'
import type { SharedMember } from '../../src/core/chunk.ts'
import { Body } from '../../src/core/event.ts'
import type { DraftEvent } from '../../src/core/event.ts'
import type { BatchItem } from '../../src/sinks/sink.ts'

/** A draft with every field set to something plain; `parts` says what the test is about. A text `line` is encoded. */
export function draftEvent(
  parts: Partial<Omit<DraftEvent, 'line'>> & { line?: string | Uint8Array } = {},
): DraftEvent {
  const { line = '{"message":"hello"}', ...others } = parts
  const bytes = typeof line === 'string' ? Buffer.from(line) : line
  const from = others.from ?? 0
  return {
    from,
    to: from + bytes.length + 1,
    // 2026-11-20T18:00:00.123456789Z
    time: { seconds: 1_795_197_600, nanos: 123_456_789 },
    precision: 3,
    bump: 0,
    severity: 0,
    flags: 0,
    body: bytes[0] === 0x7b ? Body.json : Body.message,
    line: bytes,
    traceId: '',
    spanId: '',
    members: '',
    edits: [],
    suppressed: 0,
    routes: 0xffff_ffff,
    ...others,
  }
}

export interface RecordParts {
  readonly source?: string
  readonly generation?: string
  readonly host?: string
  readonly shared?: readonly SharedMember[]
  readonly sequence?: number
}

export const plainShared: readonly SharedMember[] = [
  { name: 'host.name', json: '"web-1"' },
  { name: 'log.file.path', json: '"/var/log/app/app.log"' },
]

/** Events as they come back from the buffer, without a buffer. */
export function storedEvents(drafts: readonly DraftEvent[], parts: RecordParts = {}): StoredEvent[] {
  const { sequence = 1, source = 'app', generation = '0123456789abcdef01234567' } = parts
  const to = drafts.at(-1)?.to ?? 0
  const record = recordFromChunk(
    {
      source,
      generation,
      host: parts.host ?? 'web-1',
      from: drafts[0]?.from ?? 0,
      to,
      moves: true,
      shared: parts.shared ?? plainShared,
      events: drafts,
      filtered: 0,
      parseErrors: 0,
      lost: [],
      checkpoint: {
        source,
        generation,
        path: '/var/log/app/app.log',
        device: 1,
        inode: 2,
        headLength: 0,
        headHash: 0,
        mark: new Uint8Array(0),
        offset: to,
        pending: [],
        parser: '',
        lastTime: { seconds: 0, nanos: 0 },
        lastBump: 0,
        goneAtMs: 0,
      },
    },
    sequence,
  )
  return drafts.map((_, index) => record.event(index))
}

export function storedEvent(
  draft: Parameters<typeof draftEvent>[0] = {},
  parts: RecordParts = {},
): StoredEvent {
  return storedEvents([draftEvent(draft)], parts)[0]!
}

/** Lines of one file, one event each, at the offsets that they would have. */
export function eventsOfLines(lines: readonly string[], parts: RecordParts = {}): StoredEvent[] {
  let from = 0
  const drafts = lines.map((line) => {
    const draft = draftEvent({ line, from })
    from = draft.to
    return draft
  })
  return storedEvents(drafts, parts)
}

export function batchItem(event: StoredEvent, parts: Partial<BatchItem> = {}): BatchItem {
  return { event, attempts: 0, unanswered: false, variant: 0, firstRefusedMs: 0, ...parts }
}

export const batchItems = (events: readonly StoredEvent[]): BatchItem[] =>
  events.map((event) => batchItem(event))
