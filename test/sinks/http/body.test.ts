import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { readAnswer, releaseAnswer } from '../../../src/sinks/http/body.ts'

const never = new AbortController().signal

async function read(...parts: readonly string[]): Promise<Buffer> {
  const answer = await readAnswer(Readable.from(parts.map((part) => Buffer.from(part))), never)
  assert.ok(answer !== 'too_large')
  return answer
}

test('the memory of an answer that was released holds the next one; one that is still read stays as it is', async () => {
  const first = await read('{"errors":', 'false}')
  const second = await read('second ', 'answer')
  assert.equal(first.toString(), '{"errors":false}')
  releaseAnswer(first)
  const third = await read('third', ' ', 'answer')
  assert.equal(third.buffer, first.buffer)
  assert.equal(third.toString(), 'third answer')
  assert.equal(second.toString(), 'second answer')
})

test('an answer that is released twice, or that was one part, is lent once', async () => {
  const answer = await read('of two', ' parts')
  releaseAnswer(answer)
  releaseAnswer(answer)
  releaseAnswer(await read('of one part'))
  const [one, other] = [await read('one', '!'), await read('other', '!')]
  assert.notEqual(one.buffer, other.buffer)
  assert.equal(`${one.toString()}${other.toString()}`, 'one!other!')
})

test('an answer above the memory that is kept is whole all the same', async () => {
  const large = 'x'.repeat(400_000)
  const answer = await read(large, large)
  releaseAnswer(answer)
  assert.equal(answer.length, 800_000)
})

test('answers without a body take no memory: each 204 of Loki took half a megabyte, and none gave it back', async () => {
  const [one, other] = [await read(), await read()]
  assert.equal(one.buffer.byteLength, 0)
  assert.equal(other.buffer, one.buffer)
})
