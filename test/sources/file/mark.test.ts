import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMarkOf, markOf } from '../../../src/sources/file/mark.ts'

test('a mark tells its bytes from others and holds none of them', () => {
  const bytes = Buffer.from('{"password":"hunter2","n":1}\n'.padStart(64))
  const mark = markOf(bytes)
  assert.equal(mark.length, bytes.length)
  assert.ok(!Buffer.from(mark).includes('hunter2'))
  assert.ok(isMarkOf(mark, bytes))
  assert.ok(!isMarkOf(mark, Buffer.from(bytes).fill('x', 20, 21)))
  assert.ok(!isMarkOf(mark, bytes.subarray(1)))
})

test('marks of earlier versions, the bytes themselves, still hold', () => {
  assert.ok(
    isMarkOf(Buffer.from('the bytes before the offset\n'), Buffer.from('the bytes before the offset\n')),
  )
  assert.ok(isMarkOf(markOf(Buffer.from('abc\n')), Buffer.from('abc\n')))
  assert.ok(isMarkOf(new Uint8Array(0), new Uint8Array(0)))
})
