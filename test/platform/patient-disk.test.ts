import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import { limits } from '../../src/core/limits.ts'
import { silentLog } from '../../src/core/log.ts'
import { PatientDisk } from '../../src/platform/patient-disk.ts'
import { FakeClock, whileTimePasses } from '../support/fake-clock.ts'
import { MemoryFileSystem } from '../support/memory-file-system.ts'

const { sectorBytes, unreadableMs } = limits
const path = '/data/file'

async function patient(sectors: number) {
  const fileSystem = new MemoryFileSystem()
  fileSystem.put(path, Buffer.alloc(sectors * sectorBytes, 'x'))
  const clock = new FakeClock()
  const disk = new PatientDisk({ directory: '/data', fileSystem, clock, log: silentLog })
  const bytes = Buffer.alloc(sectors * sectorBytes)
  /** Moves the clock until the work is done; resolves to how long it waited. */
  const waitFor = async (work: Promise<unknown>): Promise<number> => {
    const startMs = clock.monotonic()
    await whileTimePasses(work, () => clock.advance(1000)).catch(() => {})
    return clock.monotonic() - startMs
  }
  return { fileSystem, disk, bytes, waitFor, clock }
}

test('a large piece that is refused is read by its first sector, and only a refused sector waits', async () => {
  const { fileSystem, disk, bytes, waitFor, clock } = await patient(3)
  fileSystem.fault = ({ kind, length = 0 }) => (kind === 'read' && length > sectorBytes ? 'EIO' : undefined)
  const file = await disk.fileSystem.open(path, 'r')
  assert.equal(await file.read(bytes, 0, bytes.length, 0), sectorBytes)
  assert.equal(await file.read(bytes, 0, bytes.length, 100), sectorBytes - 100)
  fileSystem.fault = ({ kind }) => (kind === 'read' && clock.monotonic() < 5000 ? 'EIO' : undefined)
  const read = file.read(bytes, 0, bytes.length, 0)
  assert.equal(await waitFor(read), 5000)
  assert.equal(await read, sectorBytes)
})

test('a broken sector is given up after its time, the one behind it at once, and others as long as the start may wait', async () => {
  const { fileSystem, disk, bytes, waitFor } = await patient(20)
  const bad = new Set([2, 3, 8, 12])
  fileSystem.fault = ({ kind, position = 0 }) =>
    kind === 'read' && bad.has(Math.floor(position / sectorBytes)) ? 'EIO' : undefined
  const file = await disk.fileSystem.open(path, 'r')
  const waits: number[] = []
  for (const sector of [2, 2, 3, 8, 12]) {
    const read = file.read(bytes, 0, 10, sector * sectorBytes)
    waits.push(await waitFor(read))
    await assert.rejects(read, { code: 'EIO' })
  }
  assert.deepEqual(waits, [unreadableMs, 0, 0, unreadableMs, 0])
})

test('a file of which nothing can be read is no broken sector; after the end it is the disk as it is', async () => {
  const { fileSystem, disk, bytes, waitFor } = await patient(20)
  const file = await disk.fileSystem.open(path, 'r')
  fileSystem.fault = () => 'EIO'
  for (const work of [
    () => file.read(bytes, 0, 10, 0),
    () => disk.fileSystem.open(path, 'r'),
    () => disk.fileSystem.readdir('/data'),
  ]) {
    const asked = work()
    assert.equal(await waitFor(asked), unreadableMs)
    await assert.rejects(asked, { code: 'data_dir_unreadable' })
  }
  disk.end()
  await assert.rejects(file.read(bytes, 0, 10, 0), { code: 'EIO' })
})
