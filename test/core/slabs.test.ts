import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Slabs, slabBytes } from '../../src/core/slabs.ts'

test('a slab is used again once all who retained it have released it, and not before', () => {
  const slabs = new Slabs({ overwrites: true })
  const slab = slabs.take(100)
  slab.bytes.write('abc')
  slab.retain()
  slab.release()
  assert.notEqual(slabs.take(100), slab)
  assert.equal(slab.bytes.toString('latin1', 0, 3), 'abc')
  slab.release()
  assert.equal(slab.bytes[0], 0xdb)
  assert.equal(slabs.take(100), slab)
})

test('what is larger than a slab gets memory of its own, which is not kept', () => {
  const slabs = new Slabs()
  const large = slabs.take(slabBytes + 1)
  assert.equal(large.bytes.length, slabBytes + 1)
  large.release()
  assert.notEqual(slabs.take(slabBytes + 1), large)
})

test('one release too many is an error, not memory that is handed out twice', () => {
  const slab = new Slabs().take(1)
  slab.release()
  assert.throws(() => slab.release(), /released once too often/)
})
