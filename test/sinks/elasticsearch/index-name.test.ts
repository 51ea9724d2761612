import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileIndexName, sanitize } from '../../../src/sinks/elasticsearch/index-name.ts'
import { IndexValues } from '../../../src/sinks/elasticsearch/index-values.ts'
import { MemoryState } from '../../support/sink-context.ts'
import { storedEvent } from '../../support/stored-event.ts'

function nameFor(pattern: string, line: string, values = new IndexValues(new MemoryState(), 100)): string {
  return compileIndexName(pattern, values).of(storedEvent({ line }))
}

const dayLater = 1_795_197_600 + 86_400

test('the index follows the time of the event, not the time of sending', () => {
  const names = compileIndexName('app-%Y.%m.%d', new IndexValues(new MemoryState(), 100))
  assert.equal(names.isByTimeOnly, true)
  assert.equal(names.of(storedEvent()), 'app-2026.11.20')
  assert.equal(names.of(storedEvent({ time: { seconds: dayLater, nanos: 0 } })), 'app-2026.11.21')
  assert.equal(nameFor('app-%b', '{}'), 'app-nov')
})

test('a value cannot leave its place in the name', () => {
  const hostile: readonly [string, string][] = [
    ['Shop', 'shop'],
    ['../_all/_delete', 'all-_delete'],
    ['a"},"x":"', 'a-}--x---'],
    ['a\nb\u0000c\u2028d', 'a-b-c-d'],
    ['.kibana', 'kibana'],
    ['-_+.x', 'x'],
    ['..', 'unknown'],
    ['', 'unknown'],
    ['%Y{level}', '%y{level}'],
    ['ÄÖ😀', 'äö😀'],
    ['\ud800x', 'x'],
    ['a,b*c?<d>|e #f:g\\h', 'a-b-c--d--e--f-g-h'],
  ]
  for (const [value, expected] of hostile) {
    assert.equal(sanitize(value), expected, JSON.stringify(value))
  }
  assert.equal(nameFor('app-{service}-%Y', '{"service":"Check/Out"}'), 'app-check-out-2026')
  assert.equal(nameFor('app-{service}-%Y', '{}'), 'app-unknown-2026')
  assert.equal(nameFor('app-{service:-none}', '{}'), 'app-none')
  assert.equal(nameFor('{service}', '{"service":"_x"}'), 'x')
})

test('a name is at most 255 bytes, in whole characters, with its time', () => {
  const name = nameFor('app-{a}-{b}-%Y.%m.%d', JSON.stringify({ a: 'é'.repeat(300), b: 'b'.repeat(300) }))
  assert.ok(Buffer.byteLength(name) <= 255)
  assert.ok(name.endsWith('-2026.11.20'))
  assert.equal(name.includes('\ufffd'), false)
})

test('values beyond the limit of a day share the overflow index, and the known ones stay', () => {
  const values = new IndexValues(new MemoryState(), 2)
  const pattern = 'app-{s}-%Y.%m.%d'
  assert.equal(nameFor(pattern, '{"s":"a"}', values), 'app-a-2026.11.20')
  assert.equal(nameFor(pattern, '{"s":"b"}', values), 'app-b-2026.11.20')
  assert.equal(nameFor(pattern, '{"s":"c"}', values), 'app-2026.11.20-overflow')
  assert.equal(nameFor(pattern, '{"s":"a"}', values), 'app-a-2026.11.20')
  const names = compileIndexName(pattern, values)
  const tomorrow = storedEvent({ line: '{"s":"c"}', time: { seconds: dayLater, nanos: 0 } })
  assert.equal(names.of(tomorrow), 'app-c-2026.11.21')
  assert.equal(nameFor('{s}', '{"s":"d"}', values), 'overflow')
})

test('a preview takes no place', () => {
  const state = new MemoryState()
  const names = compileIndexName('{s}', new IndexValues(state, 1))
  assert.equal(names.preview(storedEvent({ line: '{"s":"a"}' })), 'a')
  assert.equal(names.of(storedEvent({ line: '{"s":"b"}' })), 'b')
  assert.equal(names.preview(storedEvent({ line: '{"s":"a"}' })), 'overflow')
})

test('admitted values are on disk before they are used, and known after a restart', async () => {
  const state = new MemoryState()
  const before = new IndexValues(state, 2)
  assert.equal(before.admit(1, 'a'), true)
  state.failure = new Error('disk full')
  await assert.rejects(before.saved(), /disk full/)
  state.failure = undefined
  await before.saved()
  assert.equal(state.saves.length, 1)
  await before.saved()
  assert.equal(state.saves.length, 1)
  const after = new IndexValues(state, 2)
  assert.equal(after.admit(1, 'b'), true)
  assert.equal(after.admit(1, 'c'), false)
  assert.equal(after.admit(1, 'a'), true)
})

test('values that come while others are being saved are saved too', async () => {
  const state = new MemoryState()
  const values = new IndexValues(state, 10)
  values.admit(1, 'a')
  const first = values.saved()
  values.admit(1, 'b')
  await Promise.all([first, values.saved()])
  const after = new IndexValues(state, 2)
  assert.equal(after.admit(1, 'c'), false)
})

test('the state stays small however many days come', async () => {
  const state = new MemoryState()
  const values = new IndexValues(state, 100)
  for (let day = 0; day < 400; day++) {
    for (let value = 0; value < 100; value++) values.admit(day, `value-${value}`)
  }
  await values.saved()
  assert.ok(JSON.stringify(Object.fromEntries(state.values)).length < 32 * 1024)
})

test('a damaged state counts as none', () => {
  for (const damaged of [null, 5, 'x', [1], { x: 'y' }, { 1: 5 }]) {
    const state = new MemoryState()
    state.values.set('index_values', damaged)
    assert.equal(new IndexValues(state, 1).admit(1, 'a'), true)
  }
})
