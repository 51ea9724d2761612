import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
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

test('a stream that outlives its answer does not keep what came over the wire: 40 MB for half a gigabyte shipped', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const stream = new Readable({ read() {} })
  const answer = readAnswer(stream, never)
  const parts = ['two ', 'parts'].map((text) => {
    const part = Buffer.from(text)
    stream.push(part)
    return new WeakRef(part)
  })
  stream.push(null)
  assert.equal(String(await answer), 'two parts')
  // What was looked at by a WeakRef stays until its turn of the event loop is over.
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  assert.deepEqual(
    parts.map((part) => part.deref()),
    [undefined, undefined],
  )
  assert.ok(stream.destroyed)
})
