import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Severity } from '../../src/core/event.ts'
import { lookUp, messageOf } from '../../src/render/members.ts'
import { TemplateError } from '../../src/core/template-parts.ts'
import { compileTemplate } from '../../src/render/template.ts'
import { storedEvent } from '../support/stored-event.ts'

const render = (template: string, line: string): string =>
  compileTemplate(template).render(storedEvent({ line }))

test('a template takes members, paths and defaults', () => {
  const line = '{"app":"shop","a":{"b":{"c":"deep"}},"x.y":{"z":1},"n":null,"t":true,"o":{"k":[1]}}'
  assert.equal(render('{app}-{a.b.c}', line), 'shop-deep')
  assert.equal(render('{x.y.z}', line), '1')
  assert.equal(render('{missing}|{missing:-none}|{n:-null?}|{t}', line), '|none|null?|true')
  assert.equal(render('{o}', line), '{"k":[1]}')
  assert.equal(render('{missing:-a:-b}', line), 'a:-b')
  assert.equal(render('no field', line), 'no field')
})

test('a member spelled so comes before a path, and the last of two equal names counts', () => {
  assert.equal(render('{a.b}', '{"a":{"b":"path"},"a.b":"spelled"}'), 'spelled')
  assert.equal(render('{a.b}', '{"a.b":"spelled","a":{"b":"path"}}'), 'spelled')
  assert.equal(render('{a}', '{"a":1,"a":2}'), '2')
  assert.equal(render('{a.b}', '{"a":{"b":1},"a":{"b":2}}'), '2')
})

test('the agent names its findings before the line does', () => {
  const event = storedEvent(
    {
      line: '{"level":"WARNING","trace_id":"own","host_name":"own","namespace":"own","own":"x"}',
      severity: Severity.warn,
      traceId: 'abc',
    },
    {
      shared: [
        { name: 'host.name', json: '"web-1"' },
        { name: 'log.file.path', json: '"/a b/ü.log"' },
        { name: 'kubernetes.namespace', json: '"shop"' },
        { name: 'kubernetes.container.name', json: '"main"' },
      ],
    },
  )
  const names = [
    'level',
    'trace_id',
    'host_name',
    'filename',
    'namespace',
    'container',
    'app',
    'log.level',
    'own',
  ]
  assert.deepEqual(
    names.map((name) => lookUp(event, name)),
    ['warn', 'abc', 'web-1', '/a b/ü.log', 'shop', 'main', 'main', 'warn', 'x'],
  )
  assert.equal(lookUp(event, 'kubernetes.namespace'), 'shop')
  assert.equal(lookUp(event, 'span_id'), undefined)
})

test('the line speaks where the agent found nothing', () => {
  assert.equal(
    render('{level}/{trace_id}/{app}', '{"level":"weird","trace_id":"t","app":"own"}'),
    'weird/t/own',
  )
})

test('digits of large numbers survive', () => {
  assert.equal(render('{id}', '{"id": 12345678901234567890 }'), '12345678901234567890')
  assert.equal(render('{id}', '{"id":1.0}'), '1.0')
})

test('escaped names and hostile values are found as they are', () => {
  assert.equal(render('{ab}', '{"\\u0061b":"x\\ny"}'), 'x\ny')
  assert.equal(render('{b}', '{"a":"\\"b\\":\\"no\\"","b":"yes"}'), 'yes')
  assert.equal(render('{b}', '{"a":{"b":"no"},"c":["}",{"b":"no"}],"b":"yes"}'), 'yes')
  assert.equal(render('{__proto__}', '{"__proto__":"p"}'), 'p')
  assert.equal(render('{constructor:-none}', '{}'), 'none')
})

test('a plain line has its message and what the agent added', () => {
  assert.equal(render('{message}', 'hello "you"'), 'hello "you"')
  assert.equal(messageOf(storedEvent({ line: 'plain' })), 'plain')
  assert.equal(messageOf(storedEvent({ line: '{"msg":"m"}' })), 'm')
  assert.equal(messageOf(storedEvent({ line: '{"x":1}' })), '{"x":1}')
})

test('a broken template says what is wrong', () => {
  for (const [text, reason] of [
    ['a{b', /"\{" without "\}" in "a\{b"/],
    ['a}b', /"\}" without "\{" in "a\}b"/],
    ['{}', /names no field/],
    ['{:-x}', /names no field/],
    ['{a{b}', /inside/],
  ] as const) {
    assert.throws(() => compileTemplate(text), { message: reason })
    assert.throws(() => compileTemplate(text), TemplateError)
  }
})

test('a template knows its names', () => {
  const template = compileTemplate('{a}-{b:-x}-{a}')
  assert.deepEqual(template.names, ['a', 'b'])
  assert.equal(template.isConstant, false)
  assert.equal(compileTemplate('plain').isConstant, true)
})
