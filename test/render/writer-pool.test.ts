import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WriterPool } from '../../src/render/writer-pool.ts'

const pool = () => new WriterPool({ newBytes: 64, mostFree: 1, mostBytes: 128 })

test('a writer is empty again once what it lent is released, and stays as it is until then', () => {
  const writers = pool()
  const first = writers.take()
  first.ascii('first')
  const lent = writers.lend(first)
  const second = writers.take()
  assert.notEqual(second, first)
  second.ascii('second')
  assert.equal(lent.toString(), 'first')
  writers.release(lent)
  assert.equal(writers.take(), first)
  assert.equal(first.length, 0)
})

test('bytes that are released twice, or that are not the pool’s, leave it as it is', () => {
  const writers = pool()
  const writer = writers.take()
  writer.ascii('once')
  const lent = writers.lend(writer)
  writers.release(lent)
  assert.equal(writers.take(), writer)
  writers.release(lent)
  writers.release(Buffer.from('other'))
  assert.notEqual(writers.take(), writer)
})

test('no more writers are kept than asked, and none that grew beyond the bound', () => {
  const writers = pool()
  const [one, other] = [writers.take(), writers.take()]
  writers.keep(one)
  writers.keep(other)
  assert.equal(writers.take(), one)
  assert.notEqual(writers.take(), other)
  one.ascii('x'.repeat(1000))
  writers.keep(one)
  assert.notEqual(writers.take(), one)
})
