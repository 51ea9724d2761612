import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BlockReader } from '../../../src/lanes/fast/block-reader.ts'
import { FastFileLane } from '../../../src/lanes/fast/fast-file-lane.ts'
import { generation, laneWith } from '../lane-under-test.ts'

test('a file that was announced and has brought no lines makes no kernel for its source', () => {
  const general = laneWith().open({ generation, path: '/var/log/app.log' })
  const lane = new FastFileLane(general, {
    get reader(): BlockReader {
      throw new Error('a kernel was asked for')
    },
    routes: 1,
    maxLineBytes: 1000,
    fastMeans: () => undefined,
  })
  lane.recycle([])
  const { events } = lane.flush(true)
  lane.recycle(events)
  assert.deepEqual(events, [])
})
