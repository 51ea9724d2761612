import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { DraftEvent } from '../../src/core/event.ts'
import { RecordEncoder, recordBound, recordChecksum, recordFromChunk } from '../../src/buffer/record-codec.ts'
import { RecordField, recordMagic } from '../../src/buffer/format/record-layout.ts'
import { Slabs } from '../../src/core/slabs.ts'
import { StoredRecordView } from '../../src/buffer/stored-record.ts'
import { checkpointOf, chunkOf, generationOf } from '../support/disk-buffer.ts'
import { draftEvent } from '../support/stored-event.ts'

const place = {
  sequence: 7,
  appendedAtMs: 1_795_197_600_000,
  counts: { readBytes: 2 ** 40, readEvents: 2 ** 33, parseErrors: 3, lostBytes: { deleted: 2 ** 34 } },
  generationStart: 5,
  previousEnd: 2 ** 33 + 1,
  sinkTable: 0xfeed_beef,
}

const number53 = fc.maxSafeNat()
const number32 = fc.nat(0xffff_ffff)
const text = fc.string({ unit: 'grapheme' })
const hex = (length: number) => fc.constantFrom('', '0af7651916cd43dd8448eb211c80319c'.slice(0, length))
const event: fc.Arbitrary<DraftEvent> = fc.record({
  from: number53,
  to: number53,
  time: fc.record({ seconds: number32, nanos: fc.nat(999_999_999) }, { noNullPrototype: true }),
  precision: fc.nat(9),
  bump: fc.nat(2 ** 40),
  severity: fc.constantFrom(0, 1, 2, 3, 4, 5, 6),
  flags: fc.nat(31),
  body: fc.constantFrom(0, 1, 2),
  line: text.map((value) => new TextEncoder().encode(value)),
  traceId: hex(32),
  spanId: hex(16),
  members: text,
  edits: fc.array(fc.record({ at: number32, cut: number32, insert: text }, { noNullPrototype: true }), {
    maxLength: 3,
  }),
  suppressed: fc.nat(2 ** 30),
  routes: number32,
})

const fieldsOf = (draft: DraftEvent) => keysOf(draft).filter((key) => key !== 'line')
const keysOf = <T extends object>(value: T): (keyof T)[] => {
  const keys: (keyof T)[] = []
  for (const key in value) keys.push(key)
  return keys
}

/** Without what the encoder knows of it anyway. */
const fromBytes = ({ raw }: StoredRecordView): StoredRecordView => new StoredRecordView(raw)

test('every field of any event comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 8 }), text, (events, name) => {
      const shared = [{ name, json: JSON.stringify(name) }]
      const chunk = { ...chunkOf([], { host: name, shared }), events }
      const record = fromBytes(new RecordEncoder(new Slabs()).encode(chunk, place))
      assert.equal(record.host, name)
      assert.deepEqual(record.shared, shared)
      assert.equal(record.count, events.length)
      for (const [index, draft] of events.entries()) {
        const stored = record.event(index)
        const fields = fieldsOf(draft).map((field): unknown => stored[field])
        assert.deepEqual(
          fields,
          fieldsOf(draft).map((field) => draft[field]),
        )
        assert.deepEqual(new Uint8Array(stored.line), draft.line)
      }
    }),
  )
})

test('what the log knows of a record comes back, above 4 GiB too', () => {
  const checkpoint = checkpointOf({
    generation: generationOf(3),
    offset: 2 ** 35,
    device: 2 ** 33,
    inode: 2 ** 52,
    headHash: 0xffff_ffff,
    mark: new Uint8Array([0, 255, 10]),
    pending: [{ generation: generationOf(2), from: 2 ** 34, to: 2 ** 34 + 9, stream: 'stderr' }],
    parser: 'cri,json',
    lastTime: { seconds: 4_294_967_295, nanos: 999_999_999 },
    lastBump: 12,
    goneAtMs: 1_795_197_600_001,
  })
  const chunk = chunkOf(['a', 'b'], {
    generation: generationOf(3),
    from: 2 ** 35 - 4,
    to: 2 ** 35,
    checkpoint,
    filtered: 4,
    parseErrors: 1,
  })
  const record = fromBytes(new RecordEncoder(new Slabs()).encode(chunk, place))
  assert.deepEqual(record.checkpoint, checkpoint)
  assert.deepEqual(record.counts, place.counts)
  assert.equal(record.sequence, 7)
  assert.equal(record.appendedAtMs, place.appendedAtMs)
  assert.equal(record.generation, generationOf(3))
  assert.equal(record.from, 2 ** 35 - 4)
  assert.equal(record.to, 2 ** 35)
  assert.equal(record.previousEnd, 2 ** 33 + 1)
  assert.equal(record.generationStart, 5)
  assert.equal(record.filtered, 4)
  assert.equal(record.sinkTable, 0xfeed_beef)
  assert.ok(record.moves)
})

test('a record says for which sinks it has all, some or no events', () => {
  const events = [draftEvent({ routes: 0b0011 }), draftEvent({ routes: 0x8000_0001 })]
  const record = recordFromChunk({ ...chunkOf([]), events })
  assert.deepEqual(
    [0, 1, 2, 31].map((bit) => record.routed(bit)),
    ['all', 'some', 'none', 'some'],
  )
  assert.deepEqual(
    [0, 1, 31].map((bit) => recordFromChunk(chunkOf([])).routed(bit)),
    ['none', 'none', 'none'],
  )
})

test('lowest and highest time are found in any order', () => {
  const at = (seconds: number, nanos: number): DraftEvent => draftEvent({ time: { seconds, nanos } })
  const { view } = recordFromChunk({ ...chunkOf([]), events: [at(5, 7), at(4, 9), at(5, 8), at(4, 10)] })
  const read = (field: number): number => view.getUint32(field, true)
  assert.deepEqual([read(RecordField.lowSeconds), read(RecordField.lowNanos)], [4, 9])
  assert.deepEqual([read(RecordField.highSeconds), read(RecordField.highNanos)], [5, 8])
})

test('records written one after the other keep their bytes as long as they are retained', () => {
  const encoder = new RecordEncoder(new Slabs({ overwrites: true }))
  const chunks = Array.from({ length: 100 }, (_, index) => chunkOf([String(index).repeat(40_000)]))
  const records = chunks.map((chunk) => {
    const record = encoder.encode(chunk, place)
    record.retain()
    return record
  })
  for (const [index, record] of records.entries()) {
    assert.equal(record.raw.readUInt32LE(RecordField.checksum), recordChecksum(record.raw))
    assert.equal(String(record.event(0).line), String(index).repeat(40_000))
    assert.ok(record.bytes <= recordBound(chunks[index]!))
    record.release()
  }
})

test('ids that the line has in the same letters are not stored twice, and read the same', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const span = '00f067aa0ba902b7'
  const line = `{"trace_id":"${trace}","span_id":"${span}"}`
  const placed = { line, traceAt: 13, traceLength: 32, spanAt: 58, members: '"a":1' }
  const spelled = { line, traceId: trace, spanId: span, members: '"a":1' }
  const sizes = [placed, spelled].map((parts) => {
    const record = recordFromChunk({ ...chunkOf([]), events: [draftEvent(parts), draftEvent(parts)] })
    for (const index of [0, 1]) {
      const { traceId, spanId, members } = record.event(index)
      assert.deepEqual([traceId, spanId, members], [trace, span, '"a":1'])
    }
    return record.bytes
  })
  assert.equal(sizes[1]! - sizes[0]!, 2 * 48)
})

test('no line can hold what a record begins with', () => {
  assert.ok(!isUtf8(recordMagic))
  for (const byte of [recordMagic[0]!, recordMagic[3]!]) assert.ok(!isUtf8(Buffer.from([byte])))
})

test('a generation id that would become another one on disk is refused', () => {
  for (const generation of ['short', `${generationOf(1)}00`, 'g'.repeat(24)]) {
    assert.throws(() => recordFromChunk(chunkOf(['x'], { generation })), /24 hex digits/)
  }
})

test('an event that a record does not have is our own mistake', () => {
  assert.throws(() => recordFromChunk(chunkOf(['x'])).event(1), RangeError)
})
