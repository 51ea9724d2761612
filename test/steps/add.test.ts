import assert from 'node:assert/strict'
import { test } from 'node:test'
import { membersAfter, run } from './steps-under-test.ts'

const after = (members: object, line: string): string => run([{ add: members }], line).line

test('add puts members behind the others or replaces their values', () => {
  assert.equal(after({ b: 'x', c: 1.5, d: true }, '{ "a":1.0 }'), '{ "a":1.0,"b":"x","c":1.5,"d":true }')
  assert.equal(after({ a: 'x' }, '{"a": 1 ,"b":2}'), '{"a": "x" ,"b":2}')
  assert.equal(after({ a: 1 }, '{}'), '{"a":1}')
  assert.equal(after({ 'a.b': 1 }, '{"a":{"b":{"c":1}}}'), '{"a":{"b":1}}')
  assert.equal(after({ 'a.b': 1 }, '{"a":{}}'), '{"a":{},"a.b":1}')
})

test('texts are templates over the event', () => {
  const steps = [{ add: { where: '{host.name}/{a.b:-none}/{x:-none}', l: '{level}' } }]
  assert.deepEqual(membersAfter(steps, '{"a":{"b":"q\\"uote"},"level":"WARNING","n":null}'), {
    'log.level': 'warn',
    a: { b: 'q"uote' },
    level: 'WARNING',
    n: null,
    where: 'web-1/q"uote/none',
    l: 'warn',
  })
})

test('digits of large numbers stay as they are', () => {
  assert.equal(
    after({ copy: '{id}' }, '{"id":12345678901234567890}'),
    '{"id":12345678901234567890,"copy":"12345678901234567890"}',
  )
})

test('on a text line members stand beside the message, and message is the line', () => {
  assert.deepEqual(membersAfter([{ add: { a: 1 } }], 'some text'), { a: 1, message: 'some text' })
  const { line, document } = run([{ add: { message: '[{host_name}] {message}' } }], 'some text')
  assert.equal(line, '[web-1] some text')
  assert.match(document, /"message":"\[web-1\] some text"/)
})

test('members of parsers are replaced', () => {
  assert.deepEqual(membersAfter([{ add: { a: 2, c: '{a}{b}' } }], 'a=1 b=2', { parse: 'logfmt' }), {
    a: 2,
    b: '2',
    c: '22',
  })
})

test('a level that is added is the level of the event', () => {
  assert.equal(membersAfter([{ add: { level: 'error' } }], 'text')['log.level'], 'error')
})
