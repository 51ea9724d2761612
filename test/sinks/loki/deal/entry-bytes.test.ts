import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EntryMemory } from '../../../../src/sinks/loki/deal/entry-bytes.ts'

const mebi = 1024 ** 2
const filled = (bytes: number, byte: number): Uint8Array => new Uint8Array(bytes).fill(byte)

test('entries stay as they are until the last of them is given up, and then their memory is used again', () => {
  const memory = new EntryMemory()
  const first = memory.keep(filled(mebi, 1), 3)
  const second = memory.keep(filled(mebi, 2), 1)
  const buffer = first.bytes.buffer
  assert.equal(second.bytes.buffer, buffer)
  first.giveUp(1)
  second.giveUp(1)
  // The next one does not fit behind these, nor in their place.
  const third = memory.keep(filled(2 * mebi, 3), 1)
  assert.notEqual(third.bytes.buffer, buffer)
  assert.ok(first.bytes.equals(filled(mebi, 1)))
  first.giveUp(2)
  assert.equal(memory.keep(filled(2 * mebi, 4), 1).bytes.buffer, buffer)
})

test('entries that are larger than a piece of memory have their own', () => {
  const memory = new EntryMemory()
  const large = memory.keep(filled(3 * mebi, 7), 2)
  large.giveUp(2)
  assert.ok(large.bytes.equals(filled(3 * mebi, 7)))
})
