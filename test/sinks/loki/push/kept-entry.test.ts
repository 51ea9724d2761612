import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SinkPreview } from '../../../../src/sinks/sink.ts'
import { keptStream } from '../../../../src/sinks/loki/push/kept-entry.ts'
import { batchItem, batchItems, draftEvent, storedEvents } from '../../../support/stored-event.ts'
import { openLoki, request } from '../harness.ts'

/** As it comes out of a file of dead letters. */
const stored = (kept: SinkPreview): SinkPreview => JSON.parse(JSON.stringify(kept))

const drafts = ['{"pod":"a b","message":"one"}', 'plain "two" ü', 'three'].map((line, index) =>
  draftEvent({
    line,
    severity: 4,
    time: { seconds: 1_795_197_600 - index, nanos: 5 },
    bump: index,
    from: index * 100,
  }),
)

describe('a kept entry', () => {
  it('makes the bytes that the event made, in the order of times', async () => {
    const labels = { job: 'app', level: '{level}', quoted: 'a"b\\c' }
    const structured = { structured_metadata: ['host_name', 'filename', 'pod', 'trace_id'] }
    for (const settings of [{}, structured, { encoding: 'json' }]) {
      const { sink } = openLoki({ labels, ...settings })
      const items = batchItems(storedEvents(drafts))
      const { body, partition } = await request(sink, items)
      const letters = items.map((item) => ({ kept: stored(sink.describe(item)), item }))
      const partitions = letters.map(({ kept }) => sink.letters!.partition(kept, 0))
      assert.deepEqual(new Set(partitions), new Set([partition]))
      const again = await sink.letters!.encode(letters, partition)
      assert.deepEqual(again.body, body, JSON.stringify(settings))
      assert.deepEqual(again.items, items.toReversed())
      await sink.close()
    }
  })

  it('goes to the stream with the label backlog once, where its own does not take it', () => {
    const { sink } = openLoki({})
    const item = batchItem(storedEvents(drafts)[0]!)
    const kept = stored(sink.describe(item))
    assert.equal(keptStream(kept, true), '{backlog="true", job="app"}')
    const late = stored(sink.describe({ ...item, variant: 1 }))
    assert.equal(keptStream(late, true), '{backlog="true", job="app"}')
    assert.equal(keptStream(late, false), '{backlog="true", job="app"}')
  })

  it('is nothing without a stream and a time', () => {
    const details = { time: '2026-11-20T18:00:00.123456789Z' }
    assert.ok(keptStream({ target: '{job="app"}', body: 'x', details }, false))
    for (const kept of [
      { target: '{job="app"}', body: 'x' },
      { target: '{job="app"}', body: 'x', details: { time: 'yesterday' } },
      { target: 'create app id=1', body: 'x', details },
    ])
      assert.equal(keptStream(kept, false), undefined, JSON.stringify(kept))
  })
})
