import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import { array, assert as check, boolean, property, tuple, uint8Array, nat } from 'fast-check'
import { Kernel } from '../../../../src/kernel/kernel.ts'
import { PushInKernel } from '../../../../src/sinks/loki/kernel/push-in-kernel.ts'
import { RecordInKernel } from '../../../../src/sinks/loki/kernel/record-in-kernel.ts'
import { labelSet } from '../../../../src/sinks/loki/labels/label-set.ts'
import { makeEntries } from '../../../../src/sinks/loki/push/entry.ts'
import { maxLineBytes } from '../../../../src/sinks/loki/push/line.ts'
import { MetadataBuilder } from '../../../../src/sinks/loki/push/metadata.ts'
import { PushProtobuf } from '../../../../src/sinks/loki/push/push-protobuf.ts'
import type { BatchItem } from '../../../../src/sinks/sink.ts'
import { unsnap } from '../../../support/loki-decode.ts'
import { batchItems, draftEvent, storedEvents } from '../../../support/stored-event.ts'
import { openLoki, request } from '../harness.ts'
import { hostileEvents, someNames } from './hostile-events.ts'

const kernel = new Kernel()
const labels = labelSet([
  ['job', 'größe'],
  ['level', 'info'],
])

interface Made {
  readonly inKernel: Buffer | undefined
  readonly inTypeScript: Buffer
}

/** One push, made in both ways. */
function both(items: readonly BatchItem[], names: readonly string[], own = kernel): Made {
  const metadata = new MetadataBuilder(names)
  const options = { line: 'raw', metadata, demoted: [] } as const
  const push = new PushInKernel(own, new RecordInKernel(own), metadata).encode(items, labels, options)
  const raw = new PushProtobuf().encode({ labels, entries: makeEntries(items, options) })
  assert.equal(push?.rawBytes ?? raw.length, raw.length)
  return { inKernel: push && unsnap(push.body), inTypeScript: Buffer.from(raw) }
}

test('pushes are the same bytes as those of the TypeScript, whatever the events and fields', () => {
  check(
    property(
      hostileEvents,
      array(boolean(), { minLength: 36, maxLength: 36 }),
      someNames,
      (events, taken, names) => {
        const some = events.filter((_, index) => taken[index])
        const { inKernel, inTypeScript } = both(batchItems(some.length > 0 ? some : events), names)
        assert.deepEqual(inKernel, inTypeScript)
      },
    ),
    { numRuns: 150 },
  )
})

test('most of it is written by the kernel: only what has to be unescaped or cut is not', () => {
  const lines = [
    '{"service":"a","trace_id":"x"}',
    '{"n":1}',
    'text',
    '{"service":"\\u0041"}',
    '{"service":null}',
  ]
  const drafts = lines.map((line, index) => draftEvent({ line, from: index * 100 }))
  // The member `n` is renamed, which is none of ours.
  drafts[1] = { ...drafts[1]!, edits: [{ at: 1, cut: 3, insert: '"n_original"' }] }
  const events = storedEvents(drafts)
  const metadata = new MetadataBuilder(['host_name', 'trace_id', 'service'])
  const own = new Kernel()
  let written = 0
  const plain = own.functions
  const lokiEntry: typeof plain.lokiEntry = (index, out, outEnd) => {
    const end = plain.lokiEntry(index, out, outEnd)
    if (end !== 0) written++
    return end
  }
  Object.assign(own, { functions: { ...plain, lokiEntry } })
  const push = new PushInKernel(own, new RecordInKernel(own), metadata)
  assert.ok(push.encode(batchItems(events), labels, { line: 'raw', metadata, demoted: [] }))
  assert.equal(written, 4)
})

test('lines at the limit of the server, and metadata beyond it, come out the same', () => {
  const long = `{"service":"${'y'.repeat(40_000)}","x":1}`
  const lines = [
    'x'.repeat(maxLineBytes),
    'x'.repeat(maxLineBytes + 1),
    long,
    `{"service":"${'ü'.repeat(9000)}"}`,
  ]
  const items = batchItems(storedEvents(lines.map((line, from) => draftEvent({ line, from }))))
  const { inKernel, inTypeScript } = both(items, ['service', 'filename'])
  assert.deepEqual(inKernel, inTypeScript)
})

test('a push whose metadata needs more room than usual is not made here, but goes out all the same', async () => {
  const line = `{"service":"${'y'.repeat(8000)}"}`
  const items = batchItems(storedEvents(Array.from({ length: 300 }, (_, from) => draftEvent({ line, from }))))
  const { inKernel, inTypeScript } = both(items, ['service'])
  assert.equal(inKernel, undefined)
  const { sink } = openLoki({ structured_metadata: ['service'], labels: { job: 'größe', level: 'info' } })
  const { body, rawBytes } = await request(sink, items)
  assert.deepEqual(unsnap(Buffer.from(body)), inTypeScript)
  assert.equal(rawBytes, inTypeScript.length)
})

test('a record whose bytes are damaged leads nowhere outside of it', () => {
  const own = new Kernel()
  const region = own.reserve(100_000)
  const out = own.reserve(4096)
  const after = own.reserve(64)
  own.bytes.fill(0xaa, after, after + 64)
  const changes = array(tuple(nat(), uint8Array({ minLength: 1, maxLength: 4 })), { maxLength: 8 })
  check(
    property(hostileEvents, changes, (events, list) => {
      const record = Buffer.from(events[0]!.bytes)
      for (const [at, bytes] of list)
        record.set(bytes.subarray(0, record.length - (at % record.length)), at % record.length)
      own.bytes.set(record, region)
      own.functions.lokiRecord(region, region + record.length, region, region, region, 0, 0)
      for (let index = 0; index < 12; index++) {
        const end = own.functions.lokiEntry(index, out, out + 4096)
        assert.ok(end === 0 || (end > out && end <= out + 4096))
      }
      assert.ok(own.bytes.subarray(after, after + 64).every((byte) => byte === 0xaa))
    }),
    { numRuns: 100 },
  )
})
