import assert from 'node:assert/strict'
import { test } from 'node:test'
import { criWrapper } from '../../src/parsers/cri.ts'

const time = '2026-01-20T10:00:00.123456789Z'

test('a line is looked at up to its own end: in a block without spaces each line cost a look at all that follow', () => {
  const block = Buffer.from(`${time} stdout F x`)
  block.indexOf = () => assert.fail('a native search goes on behind the line')
  assert.equal(criWrapper.unwrap(block, 0, time.length), undefined)
  assert.equal(criWrapper.unwrap(block, 0, time.length + 8), undefined)
  const empty = criWrapper.unwrap(block, 0, time.length + 9)
  assert.deepEqual([empty?.isPartial, empty?.content.toString()], [false, ''])
  const whole = criWrapper.unwrap(block, 0, block.length)
  assert.deepEqual([whole?.stream, whole?.content.toString()], ['stdout', 'x'])
})

test('tags behind the first one, and parts of lines, are known', () => {
  const unwrap = (text: string) => criWrapper.unwrap(Buffer.from(text), 0, Buffer.byteLength(text))
  assert.equal(unwrap(`${time} stderr P:new:tags  a b`)?.content.toString(), ' a b')
  assert.equal(unwrap(`${time} stderr P:new:tags a`)?.isPartial, true)
  for (const text of [`${time} stdin F x`, `${time} stdout X x`, `${time} stdout FP x`, 'no time at all', ''])
    assert.equal(unwrap(text), undefined, text)
})
