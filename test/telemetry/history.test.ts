import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { limits } from '../../src/core/limits.ts'
import { History } from '../../src/telemetry/history.ts'
import { RequestTimes } from '../../src/telemetry/request-times.ts'
import { FakeAgentView, newSink, newSource } from '../support/fake-agent-view.ts'
import { FakeClock } from '../support/fake-clock.ts'

function setUp(context: TestContext) {
  const view = new FakeAgentView()
  const clock = new FakeClock()
  const requestTimes = new RequestTimes()
  const history = new History({ view, requestTimes, clock })
  context.after(() => history.stop())
  return { view, clock, requestTimes, history }
}

test('rates are those between two looks, and nothing is known of the first', async (context) => {
  const { view, clock, requestTimes, history } = setUp(context)
  view.sourceList[0]!.counts.readBytes += 5000
  view.sourceList[0]!.counts.readEvents += 10
  view.sinkList[0]!.counts.get('app')!.acknowledged += 4
  requestTimes.observe('es', 0.2)
  await clock.advance(limits.historyEveryMs)
  const { times, from, sources, sinks, buffer } = history.since(Number.NaN, '')
  assert.deepEqual([from, times.length], [0, 2])
  assert.deepEqual(sources, { app: { read_bytes: [null, 2500], read_events: [null, 5] } })
  assert.deepEqual(sinks['es']!['acknowledged'], [null, 2])
  assert.deepEqual(sinks['es']!['lag_seconds'], [1.5, 1.5])
  assert.equal(sinks['es']!['request_p50']![0], null)
  assert.ok(sinks['es']!['request_p50']![1]! > 0.1)
  assert.deepEqual(buffer, { buffer: { bytes: [1024, 1024] } })
})

test('only what is new is told to who has the rest, and all to who comes from another run', async (context) => {
  const { clock, history } = setUp(context)
  await clock.advance(3 * limits.historyEveryMs)
  const { run } = history.since(0, '')
  assert.equal(history.since(3, run).times.length, 1)
  assert.equal(history.since(4, run).times.length, 0)
  for (const [from, of] of [
    [3, 'another'],
    [99, run],
    [-1, run],
    [Number.NaN, run],
    [1.5, run],
  ] as const)
    assert.equal(history.since(from, of).times.length, 4, `${from} ${of}`)
})

test('five minutes are kept, however long it runs, and a counter that went back is no rate below 0', async (context) => {
  const { view, clock, history } = setUp(context)
  await clock.advance(3 * limits.historyMoments * limits.historyEveryMs)
  view.sourceList[0]!.counts.readEvents = 0
  await clock.advance(limits.historyEveryMs)
  const { times, from, sources } = history.since(0, '')
  assert.equal(times.length, limits.historyMoments)
  assert.equal(from, 3 * limits.historyMoments + 2 - limits.historyMoments)
  assert.equal(sources['app']!['read_events']!.at(-1), 0)
  assert.deepEqual(times.toSorted(), times)
})

test('a source that a reload adds has a gap before, one that it removes leaves after five minutes', async (context) => {
  const { view, clock, history } = setUp(context)
  await clock.advance(limits.historyEveryMs)
  view.sourceList.push(newSource('web'))
  await clock.advance(2 * limits.historyEveryMs)
  assert.deepEqual(history.since(0, '').sources['web']!['read_events'], [null, null, null, 0])
  view.sourceList.pop()
  await clock.advance(limits.historyEveryMs)
  assert.equal(history.since(0, '').sources['web']!['read_events']!.at(-1), null)
  await clock.advance((limits.historyMoments + 1) * limits.historyEveryMs)
  assert.deepEqual(Object.keys(history.since(0, '').sources), ['app'])
})

test('names are bounded', async (context) => {
  const { view, clock, history } = setUp(context)
  for (let count = 0; count < 3 * limits.historyNames; count++) view.sourceList.push(newSource(`s${count}`))
  await clock.advance(3 * limits.historyEveryMs)
  assert.equal(Object.keys(history.since(0, '').sources).length, limits.historyNames)
})

test('names that reloads have taken away leave room for the next', async (context) => {
  const { view, clock, history } = setUp(context)
  for (let count = 0; count < 6 * limits.historyNames; count++) {
    view.sinkList[0] = newSink(`s${count}`)
    await clock.advance(limits.historyEveryMs)
  }
  await clock.advance((limits.historyMoments + 1) * limits.historyEveryMs)
  const { sinks } = history.since(0, '')
  assert.deepEqual(Object.keys(sinks), [view.sinkList[0]!.name])
  assert.equal(Object.values(sinks)[0]!['acknowledged']!.at(-1), 0)
})

test('a stop leaves no timer', () => {
  const clock = new FakeClock()
  const history = new History({ view: new FakeAgentView(), requestTimes: new RequestTimes(), clock })
  history.stop()
  assert.equal(clock.pendingTimers, 0)
})
