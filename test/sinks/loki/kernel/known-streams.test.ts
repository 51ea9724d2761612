import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as check, constantFrom, property } from 'fast-check'
import { Kernel } from '../../../../src/kernel/kernel.ts'
import { compileTemplate } from '../../../../src/render/template.ts'
import { KnownStreams } from '../../../../src/sinks/loki/kernel/known-streams.ts'
import { RecordInKernel } from '../../../../src/sinks/loki/kernel/record-in-kernel.ts'
import { LabelLimits } from '../../../../src/sinks/loki/labels/label-limits.ts'
import { Streams, type Stream } from '../../../../src/sinks/loki/labels/streams.ts'
import { MemoryState } from '../../../support/sink-context.ts'
import { eventsOfLines } from '../../../support/stored-event.ts'
import { hostileEvents } from './hostile-events.ts'

/** With the kernel, and without. */
function streams(labels: Readonly<Record<string, string>>, maxValues: number, isInKernel: boolean): Streams {
  const templates = Object.entries(labels).map(([name, text]) => [name, compileTemplate(text)] as const)
  const names = [...new Set(templates.flatMap(([, template]) => template.names))]
  const limits = new LabelLimits({
    limits: { max_streams: 20, max_values: maxValues, on_limit: 'demote' },
    templates: new Map(Object.entries(labels).filter(([, text]) => text.includes('{'))),
    state: new MemoryState(),
    onDemoted() {},
  })
  const kernel = new Kernel()
  const known = isInKernel && new KnownStreams<Stream>(kernel, new RecordInKernel(kernel), names)
  return new Streams(templates, limits, true, known || undefined)
}

const configs = constantFrom<Record<string, string>>(
  { job: 'x', service: '{service}' },
  { level: '{level}', env: '{env}', app: '{app}' },
  { both: '{service}-{a:-none}', host: '{host_name}', ü: '{ü}' },
  { ns: '{namespace}', stream: '{stream}', trace: '{trace_id}' },
)

test('events come to the same streams as without the kernel, over demotions too', () => {
  check(
    property(hostileEvents, configs, constantFrom(2, 100), (events, labels, maxValues) => {
      const inKernel = streams(labels, maxValues, true)
      const plain = streams(labels, maxValues, false)
      // Twice: the second time the streams are known.
      for (const event of [...events, ...events]) {
        assert.equal(inKernel.of(event).key, plain.of(event).key)
      }
    }),
    { numRuns: 100 },
  )
})

test('a stream is made once, and found by the bytes of the line from then on', () => {
  const kernel = new Kernel()
  const known = new KnownStreams<string>(kernel, new RecordInKernel(kernel), ['service', 'level'])
  const [first, second, other] = eventsOfLines([
    '{"service":"pay","n":1}',
    '{ "n" : 2, "service" : "pay" }',
    '{"service":"cart"}',
  ])
  assert.equal(known.find(first!), undefined)
  known.learn('pay')
  assert.equal(known.find(second!), 'pay')
  assert.equal(known.find(other!), undefined)
  known.learn('cart')
  assert.equal(known.find(first!), 'pay')
  known.forget()
  assert.equal(known.find(first!), undefined)
})

test('with more streams than fit, older ones are forgotten, and nothing is mixed up', () => {
  const kernel = new Kernel()
  const known = new KnownStreams<string>(kernel, new RecordInKernel(kernel), ['id'])
  const events = eventsOfLines(
    Array.from({ length: 6000 }, (_, index) => `{"id":"${index}${'x'.repeat(index % 90)}"}`),
  )
  for (const event of events) {
    assert.equal(known.find(event), undefined)
    known.learn(`stream ${event.index}`)
  }
  const found = events.filter((event) => known.find(event) === `stream ${event.index}`)
  const unknown = events.filter((event) => known.find(event) === undefined)
  assert.equal(found.length + unknown.length, 6000)
  assert.equal(found.at(-1), events.at(-1))
  assert.ok(found.length > 1000)
})

test('values that are too long are not remembered', () => {
  const kernel = new Kernel()
  const known = new KnownStreams<string>(kernel, new RecordInKernel(kernel), ['id'])
  const [long] = eventsOfLines([`{"id":"${'x'.repeat(2000)}"}`])
  assert.equal(known.find(long!), undefined)
  known.learn('long')
  assert.equal(known.find(long!), undefined)
})

test('names that lead into members, and those of the agent, are not for the kernel', () => {
  assert.ok(KnownStreams.canFind(['service', 'level', 'host_name']))
  assert.ok(!KnownStreams.canFind(['service.name']))
  assert.ok(!KnownStreams.canFind(['message']))
  assert.ok(!KnownStreams.canFind([]))
})

test('of a record that is too large for the kernel nothing is found, and nothing is learned', () => {
  const kernel = new Kernel()
  const known = new KnownStreams<string>(kernel, new RecordInKernel(kernel), ['id'])
  const [small] = eventsOfLines(['{"id":"a"}'])
  const [large] = eventsOfLines([`{"id":"b","text":"${'x'.repeat(5_000_000)}"}`])
  assert.equal(known.find(small!), undefined)
  assert.equal(known.find(large!), undefined)
  known.learn('of the large one')
  assert.equal(known.find(small!), undefined)
})
