import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serviceStatus } from '../../src/cli/service-status.ts'
import { FakeAgentView } from '../support/fake-agent-view.ts'
import { FakeClock } from '../support/fake-clock.ts'

test('the status is the rate since the last look, the total, and each sink with its lag', async () => {
  const view = new FakeAgentView()
  const clock = new FakeClock()
  const status = serviceStatus(view, clock)
  view.sourceList[0]!.counts = { ...view.sourceList[0]!.counts, readEvents: 12_010 }
  await clock.advance(10_000)
  assert.equal(status(), '1,200 events/s, 12,010 read; es ok, lag 2 events, 1.5 s')
  view.sinkList[0]!.lagEvents = 0
  assert.equal(status(), '0 events/s, 12,010 read; es ok, no lag')
})

test('trouble comes first, without the texts of servers', () => {
  const view = new FakeAgentView()
  const status = serviceStatus(view, new FakeClock())
  view.sinkList[0]!.state = 'holding'
  view.sinkList[0]!.lastError = 'index [secret-name] is blocked'
  view.bufferStats.state = 'disk_full'
  view.bufferStats.heldBy = ['es']
  assert.match(status(), /^buffer disk full \(held by es\); .*; es holding, lag/)
  view.dataDirWritable = false
  assert.match(status(), /^data_dir cannot be written; /)
  view.readerFailure = 'EIO: /var/log/private'
  assert.match(status(), /^READING HAS DIED, a restart is needed; /)
  assert.doesNotMatch(status(), /secret|private/)
})
