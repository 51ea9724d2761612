import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, constantFrom, nat, property } from 'fast-check'
import { Kernel } from '../../src/kernel/kernel.ts'

test('regions do not overlap, and what lies in one stays when the memory grows for another', () => {
  const kernel = new Kernel()
  const first = kernel.reserve(100)
  kernel.bytes.fill(7, first, first + 100)
  const second = kernel.reserve(10_000_000)
  assert.ok(second >= first + 100)
  kernel.bytes.fill(8, second, second + 10_000_000)
  assert.ok(kernel.bytes.subarray(first, first + 100).every((byte) => byte === 7))
})

test('lines end where a look at each byte says so', () => {
  const kernel = new Kernel()
  const at = kernel.reserve(300)
  const bytes = array(constantFrom(0x0a, 0x0a, 0x61, 0x8a, 0x00), { maxLength: 300 })
  check(
    property(bytes, nat(300), (list, from) => {
      // What stands behind the end is none of our lines.
      kernel.bytes.fill(0x0a, at, at + 300)
      kernel.bytes.set(list, at)
      const start = Math.min(from, list.length)
      const found = list.indexOf(0x0a, start)
      const { functions } = kernel
      assert.equal(functions.endOfLine(at + start, at + list.length), at + (found < 0 ? list.length : found))
    }),
  )
})
