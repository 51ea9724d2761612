import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LossWindow } from '../../src/admin/loss-window.ts'
import { FakeAgentView } from '../support/fake-agent-view.ts'
import { FakeClock } from '../support/fake-clock.ts'

const hourMs = 3600_000

function lose(view: FakeAgentView, bytes: number): void {
  const { lostBytes } = view.sourceList[0]!.counts
  lostBytes.truncated = (lostBytes.truncated ?? 0) + bytes
}

test('bytes lost are remembered for an hour, also when nobody asks', async () => {
  const view = new FakeAgentView()
  const clock = new FakeClock()
  const losses = new LossWindow(view, clock)
  lose(view, 100)
  await clock.advance(60_000)
  lose(view, 20)
  await clock.advance(30_000)
  assert.deepEqual([...losses.recent()], [['app', 120]])
  await clock.advance(hourMs - 30_000)
  assert.deepEqual([...losses.recent()], [['app', 20]])
  await clock.advance(60_000)
  assert.deepEqual([...losses.recent()], [])
  losses.stop()
})

test('what was lost in earlier runs is no news', () => {
  const view = new FakeAgentView()
  lose(view, 5000)
  const losses = new LossWindow(view, new FakeClock())
  assert.equal(losses.recent().size, 0)
  losses.stop()
})

test('what was found lost while sources were opened is news, where the agent tells how it began', () => {
  const view = Object.assign(new FakeAgentView(), { lostBytesAtStart: () => new Map([['app', 5000]]) })
  lose(view, 5007)
  const losses = new LossWindow(view, new FakeClock())
  assert.deepEqual([...losses.recent()], [['app', 7]])
  losses.stop()
})

test('no timer is left behind', () => {
  const clock = new FakeClock()
  new LossWindow(new FakeAgentView(), clock).stop()
  assert.equal(clock.pendingTimers, 0)
})
