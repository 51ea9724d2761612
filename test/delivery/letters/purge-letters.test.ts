import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeLetter } from '../../../src/delivery/letters/dead-letter.ts'
import { purgeFile } from '../../../src/delivery/letters/purge-letters.ts'
import { fakeLetter } from '../../support/letters.ts'
import { MemoryFileSystem } from '../../support/memory-file-system.ts'

const path = '/dead/es/001.ndjson'
const lines = [1, 2, 3].map((number) =>
  encodeLetter(fakeLetter({ id: `a-${number}-1`, source: number === 2 ? 'web' : 'app' })),
)
const all = Buffer.concat(lines)
const rest = Buffer.concat([lines[0]!, lines[2]!])

async function diskWithLetters(): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem()
  await disk.mkdir('/dead/es', { recursive: true })
  disk.put(path, all)
  // Of a copy all is synced.
  return disk.copy()
}

test('what leaves and what stays is told by source', async () => {
  const disk = await diskWithLetters()
  const { left, stayed } = await purgeFile(disk, path, ({ source }) => source === 'web')
  assert.deepEqual([[...left], [...stayed]], [[['web', 1]], [['app', 2]]])
  assert.deepEqual(disk.read(path), rest)
})

test('where nothing leaves the file is not touched', async () => {
  const disk = await diskWithLetters()
  await purgeFile(disk, path, () => false)
  assert.deepEqual([...disk.files('/dead')], [[path, all]])
})

test('a power cut at any moment leaves all letters or those that stay, never fewer', async () => {
  let moments = 0
  for (let stopAt = 1; ; stopAt += 1) {
    const disk = await diskWithLetters()
    let calls = 0
    disk.fault = () => ((calls += 1) >= stopAt ? 'EIO' : undefined)
    const isDone = await purgeFile(disk, path, ({ source }) => source === 'web').then(
      () => true,
      () => false,
    )
    disk.crash({ unsynced: 'lost' })
    const found = disk.has(path) ? disk.read(path) : Buffer.alloc(0)
    assert.ok(found.equals(all) || found.equals(rest), `after ${stopAt - 1} calls: ${found.length} bytes`)
    if (isDone) break
    moments += 1
  }
  assert.ok(moments >= 5)
})
