import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Kernel } from '../../../src/kernel/kernel.ts'
import * as table from '../../../src/kernel/wasm/meeting-table.ts'
import { MeetingList, SharedTexts } from '../../../src/lanes/fast/meeting-list.ts'
import { ZoneOffsets } from '../../../src/lanes/fast/zone-offsets.ts'
import { timeZone } from '../../../src/parsers/time-zone.ts'

test('offsets are kept by the quarter of an hour of the wall clock, the newest ones of each place', () => {
  const kernel = new Kernel()
  const offsets = new ZoneOffsets(timeZone('Asia/Kolkata')!, kernel)
  const entryAt = (quarter: number): number[] => {
    const at = offsets.address + (quarter % 64) * 8
    return [kernel.bytes.readUInt32LE(at), kernel.bytes.readInt32LE(at + 4)]
  }
  offsets.add(900 * 64 + 5)
  assert.deepEqual(entryAt(64), [65, 19_800])
  offsets.add(900 * 128 + 899)
  assert.deepEqual(entryAt(64), [129, 19_800])
})

test('names that meet something have a place each, until there is no room for more', () => {
  const kernel = new Kernel()
  const list = new MeetingList(kernel)
  const meeting = { kind: table.meetingRenamed, name: 'x_original', context: 0, shared: 0, watched: 0 }
  assert.equal(
    list.indexOf(0, 'x', () => meeting),
    0,
  )
  assert.equal(
    list.indexOf(1, 'x', () => meeting),
    1,
  )
  assert.equal(
    list.indexOf(0, 'x', () => assert.fail('it is known')),
    0,
  )
  const nameAt = kernel.bytes.readUInt32LE(list.address + table.meetingName)
  assert.equal(kernel.bytes.toString('utf8', nameAt, nameAt + 12), '"x_original"')
  const places = Array.from({ length: table.mostMeetingNames }, (_, index) =>
    list.indexOf(2, String(index), () => meeting),
  )
  assert.deepEqual(places.slice(-3), [511, undefined, undefined])
  assert.equal(
    new MeetingList(kernel).indexOf(0, 'long', () => ({ ...meeting, name: 'x'.repeat(70_000) })),
    undefined,
  )
})

test("a file's shared members are written once lines are compared with them, and those of the next file after it", () => {
  const kernel = new Kernel()
  const texts = new SharedTexts(kernel)
  const first = [{ name: 'service', json: '"shop"' }]
  const count = (): number => kernel.bytes.readUInt32LE(texts.address)
  texts.turnTo(first)
  assert.equal(count(), 0)
  texts.want()
  assert.equal(count(), 1)
  const at = kernel.bytes.readUInt32LE(texts.address + table.sharedHeadBytes)
  assert.equal(kernel.bytes.toString('utf8', at, at + 6), '"shop"')
  texts.turnTo([...first, ...first])
  assert.equal(count(), 2)
  texts.turnTo([{ name: 'big', json: `"${'x'.repeat(70_000)}"` }])
  assert.equal(count(), 0)
})
