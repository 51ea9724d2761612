import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { DiskRoom } from '../../src/buffer/disk-room.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeTail, es, openTestBuffer, settleAll, settleDown } from '../support/disk-buffer.ts'
import { MemoryFileSystem } from '../support/memory-file-system.ts'

const kibibyte = 1024

test('64 KiB and two headers stay free', async () => {
  const fileSystem = new MemoryFileSystem()
  const room = new DiskRoom({ directory: '/data', fileSystem, clock: new FakeClock() })
  fileSystem.capacity = 100 * kibibyte
  assert.equal(await room.has(36 * kibibyte, 0), true)
  assert.equal(await room.has(36 * kibibyte + 1, 0), false)
  assert.equal(await room.has(30 * kibibyte, 3 * kibibyte), true)
  assert.equal(await room.has(30 * kibibyte, 4 * kibibyte), false)
})

test('a large disk is asked once a second, a small one each time', async () => {
  let asked = 0
  let free = 1024 ** 3
  const clock = new FakeClock()
  const fileSystem = Object.assign(new MemoryFileSystem(), {
    freeBytes: () => {
      asked += 1
      return Promise.resolve(free)
    },
  })
  const room = new DiskRoom({ directory: '/data', fileSystem, clock })
  for (let i = 0; i < 5; i += 1) assert.equal(await room.has(1000, 0), true)
  assert.equal(asked, 1)
  free = 1000
  await clock.advance(1000)
  for (let i = 0; i < 5; i += 1) assert.equal(await room.has(1000, 0), false)
  assert.equal(asked, 6)
})

test('a disk that does not say how much is free is written to until it refuses', async () => {
  const fileSystem = Object.assign(new MemoryFileSystem(), {
    freeBytes: () => Promise.reject(new Error('ENOSYS')),
  })
  const room = new DiskRoom({ directory: '/data', fileSystem, clock: new FakeClock() })
  assert.equal(await room.has(1e12, 0), true)
})

test('a disk smaller than a segment, full of what is settled: that is deleted, and reading goes on', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk)
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  disk.capacity = 400 * kibibyte
  const sent: string[] = []
  for (let i = 0; i < 300; i += 1) {
    const waiting = buffer.append(tail.chunk([`${i} ${'x'.repeat(5000)}`]))
    await settleDown()
    sent.push(...(await settleAll(cursor)))
    await clock.advance(1000)
    await waiting
  }
  sent.push(...(await settleAll(cursor)))
  assert.deepEqual(
    sent.map((line) => Number.parseInt(line, 10)),
    Array.from({ length: 300 }, (_, i) => i),
  )
  await buffer.close()
})

test('waits and appends leave no listener on the signal that could end them', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk)
  const tail = new FakeTail()
  const { signal } = new AbortController()
  for (let i = 0; i < 20; i += 1) await buffer.append(tail.chunk(['one']), signal)
  disk.capacity = 0
  const waiting = buffer.append(tail.chunk(['two']), signal)
  for (let i = 0; i < 5; i += 1) await clock.advance(1000)
  disk.capacity = Infinity
  await clock.advance(1000)
  await waiting
  assert.deepEqual(getEventListeners(signal, 'abort'), [])
  await buffer.close()
})
