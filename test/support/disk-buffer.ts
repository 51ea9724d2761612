import { Slabs } from '../../src/core/slabs.ts'
import { Buffer } from 'node:buffer'
import { openDiskBuffer } from '../../src/buffer/disk-buffer.ts'
import type { DiskBuffer, DiskBufferOptions } from '../../src/buffer/disk-buffer.ts'
import type { Cursor, StoredEvent } from '../../src/buffer/buffer.ts'
import type { Checkpoint, Chunk } from '../../src/core/chunk.ts'
import type { DraftEvent } from '../../src/core/event.ts'
import { settledEvents } from '../../src/core/ledger.ts'
import { silentLog } from '../../src/core/log.ts'
import { FakeClock, turn, whileTimePasses } from './fake-clock.ts'
import type { MemoryFileSystem } from './memory-file-system.ts'
import { draftEvent, plainShared } from './stored-event.ts'

export const dataDir = '/data'
export const generationOf = (number: number): string => number.toString(16).padStart(24, '0')

/** A generation's checkpoint that has only what a test says about it. */
export function checkpointOf(parts: Partial<Checkpoint> = {}): Checkpoint {
  return {
    source: 'app',
    generation: generationOf(1),
    path: '/var/log/app/app.log',
    device: 1,
    inode: 2,
    headLength: 10,
    headHash: 0xdeadbeef,
    mark: Buffer.from('the last bytes'),
    offset: 0,
    pending: [],
    parser: 'json',
    lastTime: { seconds: 1_795_197_600, nanos: 5 },
    lastBump: 0,
    goneAtMs: 0,
    ...parts,
  }
}

/** Lines of one generation that begin at `from`, as one chunk. */
export function chunkOf(lines: readonly string[], parts: Partial<Chunk> & { from?: number } = {}): Chunk {
  const from = parts.from ?? 0
  let at = from
  const events = lines.map((line): DraftEvent => {
    const event = draftEvent({ line, from: at })
    at = event.to
    return event
  })
  const { source = 'app', generation = generationOf(1), to = at } = parts
  return {
    source,
    generation,
    host: 'web-1',
    from,
    to,
    checkpoint: checkpointOf({ source, generation, offset: to }),
    moves: true,
    shared: plainShared,
    events,
    filtered: 0,
    parseErrors: 0,
    lost: [],
    ...parts,
  }
}

/** Writes a file line by line: keeps each generation's offset. */
export class FakeTail {
  readonly #offsets = new Map<string, number>()

  chunk(lines: readonly string[], parts: Partial<Chunk> = {}): Chunk {
    const generation = parts.generation ?? generationOf(1)
    const chunk = chunkOf(lines, { ...parts, generation, from: this.#offsets.get(generation) ?? 0 })
    this.#offsets.set(generation, chunk.to)
    return chunk
  }
}

export interface TestBuffer {
  readonly buffer: DiskBuffer
  readonly clock: FakeClock
}

export async function openTestBuffer(
  fileSystem: MemoryFileSystem,
  options: Partial<DiskBufferOptions> & { readonly clock?: FakeClock } = {},
): Promise<TestBuffer> {
  const clock = options.clock ?? new FakeClock()
  const buffer = await openDiskBuffer({
    directory: dataDir,
    maxBytes: 64 * 1024 ** 2,
    fsync: 'always',
    retainMs: 0,
    sinks: [{ name: 'es', whenFull: 'block' }],
    fileSystem: fileSystem.forProcess(),
    log: silentLog,
    // What is read after its release shows.
    slabs: new Slabs({ overwrites: true }),
    ...options,
    clock,
  })
  return { buffer, clock }
}

/** The same on a disk that refuses to read: time passes until the start has waited enough, or rejects. */
export async function openInTime(
  fileSystem: MemoryFileSystem,
  options: Parameters<typeof openTestBuffer>[1] = {},
): Promise<TestBuffer> {
  const clock = options.clock ?? new FakeClock()
  return whileTimePasses(openTestBuffer(fileSystem, { ...options, clock }), async () => {
    await clock.advance(1000)
    await settleDown()
  })
}

export const es = { name: 'es', whenFull: 'block' } as const

/** Everything that the cursor has to give right now, not settled. */
export async function takeAll(cursor: Cursor): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  for (let given = await cursor.next(); given; given = await cursor.next()) {
    for (const index of given.events) events.push(given.record.event(index))
  }
  return events
}

export async function settleAll(cursor: Cursor): Promise<string[]> {
  const events = await takeAll(cursor)
  const lines = events.map((event) => Buffer.from(event.line).toString())
  for (const event of events) cursor.settle(event, 'acknowledged')
  return lines
}

/** `read_events - settled` of one source at one sink, which the ledger calls `in_buffer`. */
export function inBuffer(buffer: DiskBuffer, cursor: Cursor, source = 'app'): number {
  const counts = cursor.counts.get(source)
  return (buffer.sourceCounts().get(source)?.readEvents ?? 0) - (counts ? settledEvents(counts) : 0)
}

/** Lets pending promises, and what they start, come to rest. */
export async function settleDown(turns = 20): Promise<void> {
  for (let left = turns; left > 0; left -= 1) await turn()
}
