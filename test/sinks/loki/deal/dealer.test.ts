import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, assert as check, asyncProperty, boolean, constantFrom, record } from 'fast-check'
import type { StoredEvent } from '../../../../src/buffer/buffer.ts'
import { LokiDeal } from '../../../../src/sinks/loki/deal/deal.ts'
import { maxLineBytes } from '../../../../src/sinks/loki/push/line.ts'
import { draftEvent, eventsOfLines, storedEvents } from '../../../support/stored-event.ts'
import { openLoki } from '../harness.ts'
import { hostileEvents, someNames } from '../kernel/hostile-events.ts'
import { checkedPush, dealt, dealtToOne, placesOfItems, placesOfRuns, recordsOf } from './harness.ts'

const nowMs = Date.UTC(2026, 10, 20, 18)
const open = (config: object) => openLoki(config, undefined, nowMs).sink

/** Runs go where their events would, one by one, in the same order and as the same bytes. */
async function assertAsItems(config: object, events: readonly StoredEvent[], taken?: readonly boolean[]) {
  const sink = open(config)
  const records = recordsOf(events, (_, at) => taken?.[at] ?? true)
  // Twice: the second time the streams are known.
  const partitions = dealt(sink, [...records, ...records])
  assert.deepEqual(placesOfRuns(partitions), placesOfItems(open(config), [...records, ...records]))
  for (const [partition, runs] of partitions) await checkedPush(sink, runs, partition)
}

const labels = constantFrom<Record<string, string>>(
  { job: 'x' },
  { job: 'x', service: '{service}' },
  { level: '{level}', env: '{env}', app: '{app}' },
  { both: '{service}-{a:-none}', host: '{host_name}', u: '{ü}' },
  { one: '{a/b}', service: '{service}' },
  { ns: '{namespace}', stream: '{stream}', trace: '{trace_id}' },
  // Not for the kernel: a path, and what the agent writes itself.
  { path: '{a.b}', message: '{message}' },
)
const taken = array(boolean(), { minLength: 36, maxLength: 36 })
const wide = { label_limits: { max_values: 5000, max_streams: 5000 } }

describe('runs', () => {
  test('go where their events would go one by one, as the same bytes', async () => {
    await check(
      asyncProperty(
        hostileEvents,
        taken,
        record({ labels, late: constantFrom('relabel', 'dead_letter') }),
        someNames.map((names) => names.filter((name) => name !== 'ü')),
        (events, isTaken, own, names) =>
          assertAsItems({ ...own, structured_metadata: names, ...wide }, events, isTaken),
      ),
      { numRuns: 150 },
    )
  })

  test('of lines that are made anew, too', async () => {
    await check(
      asyncProperty(hostileEvents, labels, constantFrom('json', 'message', 'logfmt'), (events, own, line) =>
        assertAsItems({ labels: own, line, ...wide }, events),
      ),
      { numRuns: 40 },
    )
  })

  test('bring each event once and in order, as the same bytes, while labels are demoted', async () => {
    await check(
      asyncProperty(
        hostileEvents,
        labels,
        constantFrom('demote', 'drop_label'),
        async (events, own, on_limit) => {
          const sink = open({ labels: own, label_limits: { max_values: 2, max_streams: 3, on_limit } })
          const records = recordsOf(events)
          const partitions = dealt(sink, records)
          const found = [...placesOfRuns(partitions).values()].flat()
          assert.equal(new Set(found).size, events.length)
          assert.equal(found.length, events.length)
          for (const [partition, runs] of partitions) {
            await checkedPush(sink, runs, partition)
            for (const { order, first, end } of runs) {
              const indexes = [...order!.subarray(first, end)]
              assert.deepEqual(
                indexes,
                indexes.toSorted((a, b) => a - b),
              )
            }
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('of entries that are late go to the stream with the label backlog, the others stay', async () => {
    const seconds = nowMs / 1000
    const times = [seconds - 4000, seconds - 10, seconds, seconds - 4000, seconds - 3600, seconds - 3601]
    const drafts = times.map((at, from) =>
      draftEvent({ line: `l${from}`, from, time: { seconds: at, nanos: 0 } }),
    )
    const sink = open({})
    const partitions = dealt(sink, recordsOf(storedEvents(drafts)))
    assert.deepEqual(
      [...placesOfRuns(partitions)],
      [
        ['{job="app"}', ['1/0 0', '1/1 0', '1/2 0', '1/4 0']],
        ['{backlog="true", job="app"}', ['1/3 1', '1/5 1']],
      ],
    )
    for (const [partition, runs] of partitions) await checkedPush(sink, runs, partition)
  })

  test('of lines at the limit of the server, and of metadata beyond it, come out the same', async () => {
    const lines = [
      'x'.repeat(maxLineBytes),
      'x'.repeat(maxLineBytes + 1),
      `{"service":"${'y'.repeat(40_000)}","x":1}`,
      `{"service":"${'ü'.repeat(9000)}"}`,
    ]
    await assertAsItems({ structured_metadata: ['service', 'filename'] }, eventsOfLines(lines))
  })

  test('of values that are too long to be remembered, and of more streams than are, go where they belong', async () => {
    const ids = Array.from({ length: 4500 }, (_, index) => `${index}${'x'.repeat(index % 90)}`)
    const lines = [`{"id":"${'x'.repeat(2000)}"}`, ...ids.map((id) => `{"id":"${id}"}`)]
    await assertAsItems({ labels: { id: '{id}' }, ...wide }, eventsOfLines(lines))
  })

  test('of a record that is too large for the kernel are the same', async () => {
    const lines = ['{"id":"a"}', `{"id":"b","text":"${'x'.repeat(5_000_000)}"}`, '{"id":"a"}']
    await assertAsItems({ labels: { id: '{id}' } }, eventsOfLines(lines))
  })

  test('of many entries that TypeScript has to make are the same', async () => {
    const lines = Array.from({ length: 300 }, () => `{"service":"\\u0041${'y'.repeat(8000)}"}`)
    await assertAsItems({ structured_metadata: ['service'] }, eventsOfLines(lines))
  })

  test('have the bytes of their entries, until a request was made of them', async () => {
    const sink = open({ labels: { level: '{level}' } })
    const events = eventsOfLines(['{"level":"a"}', '{"level":"b"}', '{"level":"a"}'])
    const partitions = dealt(sink, recordsOf(events))
    assert.equal(partitions.size, 2)
    for (const [partition, [run]] of partitions) {
      const { deal } = run!
      assert.ok(deal instanceof LokiDeal)
      assert.ok(deal.entriesOf(run!))
      const { body } = await checkedPush(sink, [run!], partition)
      assert.equal(deal.entriesOf(run!), undefined)
      assert.deepEqual((await sink.runs!.encode([run!], partition)).body, body)
    }
  })

  test('are measured by what their entries take', async () => {
    const sink = open({})
    const { partition, runs } = dealtToOne(sink, recordsOf(eventsOfLines(['a', 'bb', 'ccc'])))
    const [run] = runs
    const { rawBytes } = await sink.runs!.encode(runs, partition)
    const bytes = sink.runs!.sizeOf(run!)
    assert.ok(bytes < rawBytes && bytes > rawBytes - 40)
    const parts = [0, 1, 2].map((first) => sink.runs!.sizeOf({ ...run!, first, end: first + 1 }))
    assert.equal(
      parts.reduce((sum, part) => sum + part),
      bytes,
    )
  })
})
