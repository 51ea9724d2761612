import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyTable } from '../../src/parsers/key-table.ts'

const idOf = (keys: KeyTable, text: string): number =>
  keys.idOf(Buffer.from(`${text}"`), 0, Buffer.byteLength(text))

test('a key keeps its number, and keys whose hashes meet are told apart by their bytes', () => {
  const keys = new KeyTable()
  // FNV-1a, 32 bits: a known pair.
  const [one, other] = [idOf(keys, 'costarring'), idOf(keys, 'liquid')]
  assert.notEqual(one, other)
  for (let round = 0; round < 3; round++) {
    assert.equal(idOf(keys, 'costarring'), one)
    assert.equal(idOf(keys, 'liquid'), other)
  }
  assert.equal(keys.idOfText('liquid'), other)
  assert.equal(keys.key(idOf(keys, 'größe')).text, 'größe')
})

test('an expected key is found only where it stands whole, with its quote', () => {
  const keys = new KeyTable()
  const id = idOf(keys, 'time')
  const endOf = (text: string, end = text.length): number => keys.endOf(id, Buffer.from(text), 0, end)
  assert.equal(endOf('time":1'), 4)
  for (const text of ['times":1', 'tim":1', 'Time":1', 'time', 'tim']) assert.equal(endOf(text), -1, text)
  assert.equal(endOf('time":1', 4), -1)
})

test('a key that can only stand escaped is never found by its bytes: "a\\\\b" is not "a\\b"', () => {
  const keys = new KeyTable()
  for (const text of ['a\\b', 'a"b', 'a\nb']) {
    const id = keys.idOfText(text)
    assert.equal(keys.endOf(id, Buffer.from(`${text}":1`), 0, 7), -1)
    assert.equal(keys.idOfText(text), id)
  }
})

test('what is remembered is bounded, and forgotten only between lines', () => {
  const keys = new KeyTable()
  assert.equal(idOf(keys, 'x'.repeat(257)), -1)
  const first = idOf(keys, 'first')
  for (let index = 0; index < 5000; index++) idOf(keys, `key${index}`)
  assert.equal(idOf(keys, 'first'), first)
  keys.beginLine()
  assert.equal(keys.epoch, 1)
  assert.equal(idOf(keys, 'second'), 0)
})

test('half a surrogate pair, which only stands escaped, is not found where U+FFFD stands', () => {
  const keys = new KeyTable()
  const half = keys.idOfText('\ud800')
  assert.equal(keys.key(half).bytes, undefined)
  assert.notEqual(idOf(keys, '\ufffd'), half)
})
