import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Severity } from '../../../../src/core/event.ts'
import { compileTemplate } from '../../../../src/render/template.ts'
import { LabelLimits } from '../../../../src/sinks/loki/labels/label-limits.ts'
import { partitionDemoted, partitionText, Streams } from '../../../../src/sinks/loki/labels/streams.ts'
import { MemoryState } from '../../../support/sink-context.ts'
import { draftEvent, plainShared, storedEvent, storedEvents } from '../../../support/stored-event.ts'

function open(labels: Readonly<Record<string, string>>, maxValues = 100, keepsDemoted = true): Streams {
  const limits = new LabelLimits({
    limits: { max_streams: 500, max_values: maxValues, on_limit: 'demote' },
    templates: new Map(Object.entries(labels).filter(([, text]) => text.includes('{'))),
    state: new MemoryState(),
    onDemoted() {},
  })
  const templates = Object.entries(labels).map(([name, text]) => [name, compileTemplate(text)] as const)
  return new Streams(templates, limits, keepsDemoted)
}

describe('streams', () => {
  test('events with equal labels share one stream, whatever record they come from', () => {
    const streams = open({ job: 'app', level: '{level}', host: '{host_name}' })
    const first = streams.of(storedEvent({ severity: Severity.warn }))
    assert.equal(first.key, '{host="web-1", job="app", level="warn"}')
    assert.equal(first.backlogKey, '{backlog="true", host="web-1", job="app", level="warn"}')
    assert.equal(streams.of(storedEvent({ severity: Severity.warn, line: 'other' })), first)
    assert.notEqual(streams.of(storedEvent({ severity: Severity.error })), first)
  })

  test('an event without a level has no label level, unless it has an own member of that name', () => {
    const streams = open({ job: 'app', level: '{level}' })
    const events = storedEvents([
      draftEvent({ line: 'plain text with "level"' }),
      draftEvent({ line: '{"level":"weird"}' }),
      draftEvent({ line: '{"a":1}' }),
    ])
    assert.deepEqual(
      events.map((event) => streams.of(event).key),
      ['{job="app"}', '{job="app", level="weird"}', '{job="app"}'],
    )
  })

  test('templates name members, paths, defaults and what the path of the file says', () => {
    const shared = [
      ...plainShared,
      { name: 'kubernetes.namespace', json: '"shop"' },
      { name: 'env', json: '"prod"' },
    ]
    const streams = open({
      ns: '{namespace}',
      svc: '{service.name:-none}',
      both: '{a}/{b:-x}',
      env: '{env}',
      constant: 'c',
    })
    const event = storedEvent({ line: '{"service":{"name":"pay"},"a":1.0}' }, { shared })
    assert.equal(streams.of(event).key, '{both="1.0/x", constant="c", env="prod", ns="shop", svc="pay"}')
    assert.equal(streams.preview(event, false), streams.of(event).key)
    assert.equal(streams.preview(event, true), streams.of(event).backlogKey)
  })

  test('a demoted label moves from the text of the partition to its list, and a partition made before stays', () => {
    const streams = open({ job: 'app', user: '{user}' }, 2)
    const keys = ['a', 'b', 'c', 'a'].map(
      (user) => streams.of(storedEvent({ line: `{"user":"${user}"}` })).key,
    )
    assert.deepEqual(keys.map(partitionText), [
      '{job="app", user="a"}',
      '{job="app", user="b"}',
      '{job="app"}',
      '{job="app"}',
    ])
    assert.deepEqual(keys.map(partitionDemoted), [[], [], ['user'], ['user']])
  })

  test('with drop_label nothing is kept of it', () => {
    const streams = open({ job: 'app', user: '{user}' }, 1, false)
    streams.of(storedEvent({ line: '{"user":"a"}' }))
    assert.equal(streams.of(storedEvent({ line: '{"user":"b"}' })).key, '{job="app"}')
  })

  test('ten thousand values of one label leave a hundred streams and one', () => {
    const streams = open({ job: 'app', id: '{id}' })
    const keys = new Set<string>()
    for (let id = 0; id < 10_000; id++) keys.add(streams.of(storedEvent({ line: `{"id":${id}}` })).key)
    assert.equal(keys.size, 101)
  })

  test('the server can say how new a stream is', () => {
    const streams = open({ job: 'app' })
    const stream = streams.of(storedEvent())
    streams.raise(stream.key, 50)
    streams.raise(stream.key, 40)
    streams.raise('{job="unknown"}', 99)
    assert.equal(stream.newest, 50)
  })
})
