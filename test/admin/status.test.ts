import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statusOf } from '../../src/admin/status.ts'
import { FakeAgentView, newSource, watchedPods } from '../support/fake-agent-view.ts'

test('/status has the members of the contract, word for word', () => {
  assert.deepEqual(statusOf(new FakeAgentView(), { showsPaths: true }), {
    version: '1.2.3',
    files: [
      {
        source: 'app',
        path: '/var/log/app/a.log',
        id: '00aa11bb22cc33dd44ee55ff',
        size: 1000,
        offset: 900,
        lag_bytes: 100,
        lane: 'general',
      },
    ],
    buffer: { bytes: 1024, max_bytes: 10_240, oldest_seconds: 3, state: 'ok' },
    sources: {
      app: {
        lane: 'general',
        lane_reason: 'multiline',
        parse_errors: 0,
        blocked_seconds: 0,
        step_errors: 0,
        last_step_error: null,
        unreadable_files: 0,
        unreadable: [],
      },
    },
    sinks: {
      es: {
        type: 'elasticsearch',
        state: 'ok',
        lag_events: 2,
        lag_seconds: 1.5,
        in_flight: 1,
        dead_letters_stored: 1,
        replayed: 0,
        last_error: null,
      },
    },
    ledger: {
      app: {
        read_bytes: 900,
        read_events: 10,
        lost_bytes: {},
        sinks: { es: { acknowledged: 6, dead_lettered: 1, dropped: {}, filtered: 1, in_buffer: 2 } },
      },
    },
  })
})

test('the watch of pods is shown where there is one; what the API server said only with paths', () => {
  const view = new FakeAgentView()
  view.pods = { ...watchedPods(), state: 'failing', lastError: 'pods is forbidden' }
  const shown = (showsPaths: boolean): unknown =>
    JSON.parse(JSON.stringify(statusOf(view, { showsPaths }))).kubernetes
  const plain = { node: 'node-1', state: 'failing', pods: 7, errors: 1, unknown_pods: 2 }
  assert.deepEqual(shown(true), { ...plain, last_error: 'pods is forbidden' })
  assert.deepEqual(shown(false), { ...plain, last_error: null })
})

test('the ledger adds up for a source that a sink has not met yet', () => {
  const view = new FakeAgentView()
  view.sourceList.push(newSource('new'))
  const status = JSON.parse(JSON.stringify(statusOf(view, { showsPaths: true })))
  assert.deepEqual(status.ledger.new.sinks.es, {
    acknowledged: 0,
    dead_lettered: 0,
    dropped: {},
    filtered: 0,
    in_buffer: 10,
  })
})

test('without the right to see paths no path and no text of a server is answered', () => {
  const view = new FakeAgentView()
  view.unreadableList.push({ source: 'app', path: '/home/card/a.log', reason: 'may not be read (EACCES)' })
  view.sinkList[0]!.lastError = "failed to parse field [card]: '4111'"
  const text = JSON.stringify(statusOf(view, { showsPaths: false }))
  assert.doesNotMatch(text, /var\/log|4111/)
  assert.match(text, /"files":\[\],"files_hidden":1/)
})
