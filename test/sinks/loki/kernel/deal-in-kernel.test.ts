import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import { array, assert as check, nat, property, tuple, uint8Array } from 'fast-check'
import { Kernel } from '../../../../src/kernel/kernel.ts'
import { DealInKernel } from '../../../../src/sinks/loki/kernel/deal-in-kernel.ts'
import { jobBytes, JobField } from '../../../../src/sinks/loki/kernel/deal-job.ts'
import { writeFields } from '../../../../src/sinks/loki/kernel/field-list.ts'
import type { Stream } from '../../../../src/sinks/loki/labels/streams.ts'
import { makeEntry } from '../../../../src/sinks/loki/push/entry.ts'
import { MetadataBuilder } from '../../../../src/sinks/loki/push/metadata.ts'
import { ByteWriter } from '../../../../src/render/byte-writer.ts'
import { draftEvent, storedEvents } from '../../../support/stored-event.ts'
import { hostileEvents } from './hostile-events.ts'

const noLines = new ByteWriter(0)
const stream: Stream = { key: '{job="x"}', backlogKey: '', newest: 0 }

function opened(names: readonly string[]) {
  const kernel = new Kernel()
  const metadata = new MetadataBuilder(names)
  const asked: number[] = []
  const made: number[] = []
  const dealer = new DealInKernel(kernel, ['level'], metadata, {
    streamOf(event) {
      asked.push(event.index)
      return stream
    },
    writes: () => true,
    makeEntry(event) {
      made.push(event.index)
      return makeEntry(event, { line: 'raw', metadata, demoted: [] }, noLines)
    },
    sizeOf: () => 1,
  })
  return { dealer, asked, made }
}

test('most of it is done by the kernel: only what is new, or has to be unescaped or cut, is asked for', () => {
  const lines = [
    '{"service":"a","trace_id":"x"}',
    '{"n":1}',
    'text',
    '{"service":"\\u0041"}',
    '{"service":null}',
    '{"level":"odd"}',
  ]
  const drafts = lines.map((line, index) => draftEvent({ line, from: index * 100 }))
  // The member `n` is renamed, which is none of ours.
  drafts[1] = { ...drafts[1]!, edits: [{ at: 1, cut: 3, insert: '"n_original"' }] }
  const events = storedEvents(drafts)
  const read = { record: events[0]!.record, events: [0, 1, 2, 3, 4, 5] }
  const { dealer, asked, made } = opened(['host_name', 'trace_id', 'service'])
  const first = dealer.deal(read)!
  assert.deepEqual(asked, [0, 3, 5])
  assert.deepEqual(made, [3])
  assert.deepEqual([...first.events.order], [0, 1, 2, 3, 4, 5])
  assert.deepEqual(
    first.groups.map(({ first: from, end }) => [from, end]),
    [[0, 6]],
  )
  const second = dealer.deal(read)!
  assert.deepEqual(asked, [0, 3, 5, 3])
  assert.deepEqual(second.events.entries!.bytes, first.events.entries!.bytes)
  dealer.forget()
  dealer.deal(read)
  assert.deepEqual(asked, [0, 3, 5, 3, 0, 3, 5])
})

test('names that lead into members, and those of the agent, are not for the kernel', () => {
  assert.ok(DealInKernel.canFind(['service', 'level', 'host_name']))
  assert.ok(DealInKernel.canFind([]))
  assert.ok(!DealInKernel.canFind(['service.name']))
  assert.ok(!DealInKernel.canFind(['message']))
  assert.ok(!DealInKernel.canFind(Array.from({ length: 33 }, (_, index) => `n${index}`)))
})

test('entries that together have more bytes than 32 bits can count are left to TypeScript, and nothing is written', () => {
  const shared = [{ name: 'host.name', json: JSON.stringify('x'.repeat(60_000)) }]
  const { record } = storedEvents([draftEvent({ line: 'text' })], { shared })[0]!
  const { dealer } = opened(['host_name'])
  const one = dealer.deal({ record, events: [0] })!.events.ends[0]!
  const most = Math.ceil(2 ** 32 / one)
  assert.equal(dealer.deal({ record, events: Array.from({ length: most }, () => 0) }), undefined)
})

test('a record whose bytes are damaged leads nowhere outside of it', () => {
  const kernel = new Kernel()
  const list = writeFields(
    kernel,
    ['service', 'level', 'a'].map((name) => ({ name, key: name })),
  )
  const job = kernel.reserve(jobBytes)
  const region = kernel.reserve(100_000)
  const indexes = kernel.reserve(64)
  const rows = kernel.reserve(4096)
  const lists = kernel.reserve(1024)
  const out = kernel.reserve(1024 ** 2)
  const after = kernel.reserve(64)
  const made = kernel.reserve(64)
  const view = new Uint32Array(kernel.bytes.buffer)
  const { functions } = kernel
  const changes = array(tuple(nat(), uint8Array({ minLength: 1, maxLength: 4 })), { maxLength: 8 })
  kernel.bytes.fill(0xaa, after, after + 64)
  check(
    property(hostileEvents, changes, (events, edits) => {
      const record = Buffer.from(events[0]!.bytes)
      for (const [at, bytes] of edits)
        record.set(bytes.subarray(0, record.length - (at % record.length)), at % record.length)
      kernel.bytes.set(record, region)
      for (let index = 0; index < 12; index++) view[indexes / 4 + index] = index
      view.fill(0, job / 4, job / 4 + jobBytes / 4)
      const fields = {
        record: region,
        recordEnd: region + record.length,
        events: indexes,
        count: 12,
        fields: list,
        labels: 2,
        wanted: 7,
        shared: region,
        mostBytes: 60_000,
        rows,
        writes: 1,
      }
      for (const name of ['record', 'recordEnd', 'events', 'count', 'fields', 'labels'] as const)
        view[job / 4 + JobField[name]] = fields[name]
      for (const name of ['wanted', 'shared', 'mostBytes', 'rows', 'writes'] as const)
        view[job / 4 + JobField[name]] = fields[name]
      for (let tries = 0; tries < 100; tries++) {
        const answer = functions.dealEvents(job)
        if (answer === 0) break
        if (answer === 2 || functions.learnStream(1) === 0) functions.dealMade(job, 1, made, 0, 0, 0, 0, 0)
      }
      assert.equal(view[job / 4 + JobField.at], 12)
      functions.writeDeal(job, lists, out)
      assert.ok(view[lists / 4 + 23]! <= 12 * (record.length + 200_000))
      assert.ok(kernel.bytes.subarray(after, after + 64).every((byte) => byte === 0xaa))
    }),
    { numRuns: 100 },
  )
})
