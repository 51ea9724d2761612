import assert from 'node:assert/strict'
import type { Cursor, StoredEvent } from '../../src/buffer/buffer.ts'
import type { DiskBuffer } from '../../src/buffer/disk-buffer.ts'
import { recordFromChunk } from '../../src/buffer/record-codec.ts'
import { Slabs } from '../../src/core/slabs.ts'
import type { Slab } from '../../src/core/slabs.ts'
import type { Chunk } from '../../src/core/chunk.ts'
import type { SendResult } from '../../src/core/outcome.ts'
import { createDelivery } from '../../src/delivery/delivery-loop.ts'
import type { Delivery } from '../../src/delivery/delivery.ts'
import { ByteWriter } from '../../src/render/byte-writer.ts'
import { documentText, writeDocument } from '../../src/render/document.ts'
import type { BatchItem, EncodedRequest } from '../../src/sinks/sink.ts'
import { FakeDeadLetters, collectingLog } from '../delivery/harness.ts'
import { openLane } from '../lanes/lane-under-test.ts'
import { checkpointOf, generationOf } from './disk-buffer.ts'
import { turn } from './fake-clock.ts'
import type { FakeClock } from './fake-clock.ts'
import { FakeSink } from './fake-sink.ts'
import type { FakeSinkOptions, SentRequest } from './fake-sink.ts'

/** Overwrites what was released, and knows how much memory was ever asked for. */
export class WatchedSlabs extends Slabs {
  readonly seen = new Set<Slab>()

  constructor() {
    super({ overwrites: true })
  }

  override take(bytes: number): Slab {
    const slab = super.take(bytes)
    this.seen.add(slab)
    return slab
  }
}

const identityOf = (event: StoredEvent): string => `${event.record.generation} ${event.from}`
const documentBytesOf = (event: StoredEvent): string => {
  const out = new ByteWriter()
  writeDocument(event, out)
  return out.text()
}

/** Reads files whose lines vary, through a real lane, out of one block that the next read overwrites. */
export class Lines {
  /** By generation and offset: what any sink must get of the event, made of memory that nobody uses again. */
  readonly documents = new Map<string, string>()
  readonly lines = new Set<string>()
  /** Documents that were something else when a sink read them. */
  readonly wrong: string[] = []
  readonly #lanes = new Map<number, { lane: ReturnType<typeof openLane>; at: number }>()
  readonly #block = Buffer.alloc(2 * 1024 * 1024)
  #count = 0

  async append(buffer: DiskBuffer, file: number, lengths: readonly number[]): Promise<void> {
    const generation = generationOf(file + 1)
    let from = this.#lanes.get(file)
    if (!from)
      this.#lanes.set(
        file,
        (from = { lane: openLane({ parse: 'json', routes: 0b111 }, { generation }), at: 0 }),
      )
    const text = lengths.map((length) => this.#line(length)).join('')
    const bytes = this.#block.subarray(0, this.#block.write(text))
    const to = from.at + bytes.length
    const result = from.lane.process({ bytes, from: from.at, to }, false)
    assert.ok(result !== 'wait')
    const { lane } = from
    const chunk: Chunk = {
      source: 'app',
      generation,
      host: lane.host,
      from: from.at,
      to,
      moves: true,
      shared: lane.shared,
      events: result.events,
      filtered: 0,
      parseErrors: 0,
      lost: [],
      checkpoint: checkpointOf({ generation, offset: to }),
    }
    from.at = to
    const record = recordFromChunk(chunk)
    for (let index = 0; index < record.count; index++) {
      const event = record.event(index)
      this.documents.set(identityOf(event), documentText(event))
      this.lines.add(Buffer.from(event.line).toString())
    }
    await buffer.append(chunk)
    lane.recycle?.(result.events)
    this.#block.fill(0xee, 0, bytes.length)
  }

  #line(length: number): string {
    const n = ++this.#count
    const id = n.toString(16).padStart(16, 'a')
    const filler = String.fromCharCode(97 + (n % 26)).repeat(length)
    const ids = n % 3 === 0 ? '' : `"trace_id":"${id}${id}","span_id":"${id}",`
    const host = n % 5 === 0 ? `"host":"mine ${n}",` : ''
    return `{"level":"warn",${ids}${host}"n":${n},"msg":"${filler}"${n % 7 === 0 ? ',"fate":"refused"' : ''}}\n`
  }
}

/** Notes each document that it sends, as the encoders of the network's sinks make them: some after a wait. */
export class ReadingSink extends FakeSink {
  readonly got = new Set<string>()
  readonly #lines: Lines

  constructor(lines: Lines, options: FakeSinkOptions) {
    super(options)
    this.#lines = lines
  }

  override async encode(items: readonly BatchItem[], partition: string): Promise<EncodedRequest> {
    await turn()
    for (const { event } of items) this.check(event)
    return super.encode(items, partition)
  }

  check(event: StoredEvent): void {
    const { documents, wrong } = this.#lines
    const document = documentBytesOf(event)
    if (document !== documents.get(identityOf(event))) wrong.push(document.slice(0, 200))
  }

  /** The server has them. */
  store(items: readonly BatchItem[]): void {
    for (const { event } of items) {
      this.check(event)
      this.got.add(identityOf(event))
    }
  }
}

export const isRefused = (line: string): boolean => line.includes('"fate":"refused"')

export interface SinkPlan {
  readonly name: string
  readonly whenFull: 'block' | 'drop_oldest'
  readonly options: Omit<FakeSinkOptions, 'answer'>
  readonly answer: (request: SentRequest, sink: ReadingSink) => SendResult | Promise<SendResult>
}

/** One sink with its delivery, which a reload builds anew at its cursor. */
export class SinkLife {
  readonly letters = new FakeDeadLetters()
  readonly sink: ReadingSink
  cursor!: Cursor
  delivery!: Delivery
  readonly #plan: SinkPlan
  readonly #clock: FakeClock
  readonly #random: () => number
  readonly #log = collectingLog()

  constructor(
    plan: SinkPlan,
    lines: Lines,
    world: { readonly clock: FakeClock; readonly random: () => number },
  ) {
    this.#plan = plan
    this.#clock = world.clock
    this.#random = world.random
    this.sink = new ReadingSink(lines, plan.options)
    this.sink.answer = (request) => plan.answer(request, this.sink)
  }

  async start(buffer: DiskBuffer): Promise<void> {
    const { name, whenFull } = this.#plan
    this.cursor = await buffer.openCursor({ name, whenFull })
    const world = {
      clock: this.#clock,
      random: this.#random,
      log: this.#log.log,
      meter: { request: () => {} },
    }
    this.delivery = createDelivery({
      name,
      type: 'fake',
      sink: this.sink,
      cursor: this.cursor,
      deadLetters: this.letters,
      redact: (text) => text,
      config: { retry: { min: 50, max: 500 }, timeout: 1000, max_in_flight: 3, when_full: whenFull },
      ...world,
    })
    this.delivery.start()
  }

  /** Whatever a sink or the delivery threw. */
  get mistakes(): unknown[] {
    return this.#log.logged.filter(({ level }) => level === 'error')
  }

  async stop(signal: AbortSignal): Promise<void> {
    await this.delivery.stop(signal)
    await this.cursor.close()
  }
}
