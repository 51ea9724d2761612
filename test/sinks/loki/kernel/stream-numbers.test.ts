import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Kernel } from '../../../../src/kernel/kernel.ts'
import { StreamNumbers } from '../../../../src/sinks/loki/kernel/stream-numbers.ts'
import type { Stream } from '../../../../src/sinks/loki/labels/streams.ts'
import { storedEvent } from '../../../support/stored-event.ts'

const streamNamed = (key: number): Stream => ({ key: String(key), backlogKey: '', newest: 0 })

test('a stream keeps its number until they are forgotten, and then only for the record at hand', () => {
  const numbers = new StreamNumbers(new Kernel(), [])
  const [a, b] = [streamNamed(1), streamNamed(2)]
  numbers.begin()
  assert.deepEqual(
    [a, b, a].map((stream) => numbers.of(stream)),
    [1, 2, 1],
  )
  numbers.forget()
  assert.equal(numbers.streamOf(2), b)
  numbers.begin()
  assert.equal(numbers.of(b), 1)
  assert.equal(numbers.streamOf(1), b)
})

test('there are no more numbers than the kernel has room for, and the next record has them all again', () => {
  const numbers = new StreamNumbers(new Kernel(), [])
  numbers.begin()
  let count = 0
  while (numbers.of(streamNamed(count)) !== 0) count++
  assert.equal(count, 8191)
  numbers.begin()
  assert.equal(numbers.of(streamNamed(0)), 1)
})

test('records of one kind are those that give labels the same', () => {
  const numbers = new StreamNumbers(new Kernel(), ['env', 'host_name'])
  const kindOf = (env: string, path: string): number => {
    const shared = [
      { name: 'env', json: env },
      { name: 'log.file.path', json: path },
    ]
    return numbers.kindOf(storedEvent({}, { shared }).record)
  }
  assert.equal(kindOf('"a"', '"/x"'), kindOf('"a"', '"/y"'))
  assert.notEqual(kindOf('"a"', '"/x"'), kindOf('"b"', '"/x"'))
})
