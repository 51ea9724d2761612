import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeSink } from '../support/fake-sink.ts'
import { sentLines, started, turns } from './harness.ts'

describe('a flush', () => {
  it('sends open batches at once', async () => {
    const { sink, delivery } = await started({ sink: new FakeSink() }, ['a'])
    delivery.flush()
    await turns()
    assert.deepEqual(sentLines(sink), [['a']])
  })

  it('that comes before the buffer was read sends what stood in it then (SIGUSR2 did nothing on a slow machine)', async () => {
    const { buffer, sink, delivery } = await started({ sink: new FakeSink() }, [])
    buffer.append(['a'])
    delivery.flush()
    await turns()
    assert.deepEqual(sentLines(sink), [['a']])
    buffer.append(['b'])
    await turns()
    assert.equal(sink.requests.length, 1, 'what comes later waits for its batch to fill')
  })
})
