import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBytes, formatDuration } from '../../src/admin/quantities.ts'

test('sizes and durations are rounded to what a person reads', () => {
  assert.deepEqual(
    [0, 1023, 1024, 1536, 10 * 1024, 1024 ** 3, 3 * 1024 ** 4, 5000 * 1024 ** 4].map((bytes) =>
      formatBytes(bytes),
    ),
    ['0 bytes', '1023 bytes', '1 KiB', '1.5 KiB', '10 KiB', '1 GiB', '3 TiB', '5000 TiB'],
  )
  assert.deepEqual(
    [0, 1499, 119_000, 120_000, 7_200_000, 200_000_000].map((ms) => formatDuration(ms)),
    ['0 s', '1 s', '119 s', '2 min', '2 h', '2 days'],
  )
})
