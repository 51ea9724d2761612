import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Body } from '../../../src/core/event.ts'
import { lookUp } from '../../../src/render/members.ts'
import { compileTemplate } from '../../../src/render/template.ts'
import { fieldValue, recordText, renderFields } from '../../../src/sinks/loki/field.ts'
import { draftEvent, plainShared, storedEvents } from '../../support/stored-event.ts'

const names = [
  'level',
  'trace_id',
  'host_name',
  'filename',
  'namespace',
  'container',
  'app',
  'message',
  'log.offset',
  'log.level',
  'host.name',
  'env',
  'a',
  'a.b',
  'ü',
  'stream',
]

const values = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.constant(null),
  fc.record({ b: fc.integer(), c: fc.string() }),
)
const lines = fc.oneof(
  fc
    .dictionary(fc.constantFrom(...names, 'host', 'log'), values, { maxKeys: 5 })
    .map((members) => JSON.stringify(members)),
  fc.string({ minLength: 1 }).map((text) => `plain ${text}`),
)
const shared = fc.subarray(
  [
    ...plainShared,
    { name: 'kubernetes.namespace', json: '"shop"' },
    { name: 'kubernetes.container.name', json: '"web"' },
    { name: 'kubernetes.labels.app', json: '"cart"' },
    { name: 'env', json: '"prod"' },
    { name: 'a.b', json: '7' },
  ],
  { minLength: 0 },
)

test('a field is what a look into the whole document finds', () => {
  const drafts = fc.record({
    line: lines,
    severity: fc.constantFrom(0, 3),
    traceId: fc.constantFrom('', 'ab'),
    members: fc.constantFrom('', '"stream":"stdout","a":1'),
  })
  fc.assert(
    fc.property(fc.array(drafts, { minLength: 1, maxLength: 4 }), shared, (parts, members) => {
      const events = storedEvents(
        parts.map(({ line, severity, ...others }) =>
          draftEvent({
            ...others,
            line,
            severity: severity === 0 ? 0 : 3,
            body: line.startsWith('{') ? Body.json : Body.message,
          }),
        ),
        { shared: members },
      )
      for (const event of events) {
        for (const name of names) {
          const whole = lookUp(event, name) ?? ''
          assert.equal(fieldValue(event, name), whole, name)
          const template = compileTemplate(`<{${name}:-none}>`)
          assert.equal(renderFields(event, template), template.render(event))
          const ofRecord = recordText(event, template)
          if (ofRecord !== undefined) assert.equal(ofRecord, template.render(event))
        }
      }
    }),
    { numRuns: 300 },
  )
})

test("a view that is turned to another event gives that one's fields: a label was taken from the event before", () => {
  const [first] = storedEvents([draftEvent({ line: '{"service":"a"}' })])
  assert.equal(fieldValue(first!, 'service'), 'a')
  const [second] = storedEvents([draftEvent({ line: '{"team":"b"}' })])
  const turned = second!.record.event(0, first)
  assert.deepEqual([fieldValue(turned, 'service'), fieldValue(turned, 'team')], ['', 'b'])
})
