import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HotRecords } from '../../../src/buffer/log/hot-records.ts'
import type { HotRecord } from '../../../src/buffer/log/hot-records.ts'
import { recordFromChunk } from '../../../src/buffer/record-codec.ts'
import { chunkOf } from '../../support/disk-buffer.ts'

const hotRecord = (sequence: number, line: string): HotRecord => ({
  record: recordFromChunk(chunkOf([line]), sequence),
  segment: 1,
  at: 0,
})

test('a trickle of records of one line does not fill the memory with what describes them', () => {
  const hot = new HotRecords()
  for (let sequence = 1; sequence <= 20_000; sequence += 1) hot.add(hotRecord(sequence, 'x'))
  let kept = 0
  for (let sequence = 1; sequence <= 20_000; sequence += 1) if (hot.get(sequence)) kept += 1
  assert.ok(kept > 500 && kept < 2_100, `${kept} records are kept`)
  assert.ok(hot.get(20_000), 'the newest is')
})

test('the newest record is kept however large it is, and takes the place of all others', () => {
  const hot = new HotRecords()
  hot.add(hotRecord(1, 'small'))
  hot.add(hotRecord(2, 'x'.repeat(5 * 1024 ** 2)))
  assert.equal(hot.get(1), undefined)
  assert.ok(hot.get(2))
})
