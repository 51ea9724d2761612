import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { fingerprint, watchConfig } from '../../src/config/watch.ts'
import type { FileSystem } from '../../src/core/file-system.ts'
import { FakeClock, turn } from '../support/fake-clock.ts'

/** Files by name, each with a version that stands for its stat. */
async function watched(
  context: TestContext,
  names: readonly string[],
  change?: (versions: Map<string, number>) => void,
) {
  const versions = new Map<string, number>(names.map((name) => [name, 1]))
  const stat = (name: string): Promise<object> => {
    const mtimeMs = versions.get(name)
    if (mtimeMs === undefined) return Promise.reject(new Error('ENOENT'))
    return Promise.resolve({ device: 1, inode: 1, size: 10, mtimeMs })
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that the watch asks for
  const fileSystem = { stat } as unknown as FileSystem
  const clock = new FakeClock()
  const stop = new AbortController()
  const seen = { changes: 0, during: (): void => {} }
  const read = await fingerprint(names, fileSystem)
  change?.(versions)
  const watching = watchConfig({
    read,
    files: () => names,
    changed: () => {
      seen.changes++
      seen.during()
      return Promise.resolve()
    },
    fileSystem,
    clock,
    signal: stop.signal,
  })
  context.after(() => stop.abort())
  const seconds = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      await clock.advance(1000)
      await turn()
    }
  }
  return { versions, clock, stop, seen, watching, seconds }
}

test('an edit is taken over once, after the file stood still for a second', async (context) => {
  const { versions, seen, seconds } = await watched(context, ['a.json'])
  await seconds(3)
  assert.equal(seen.changes, 0)
  versions.set('a.json', 2)
  await seconds(1)
  versions.set('a.json', 3)
  await seconds(1)
  assert.equal(seen.changes, 0, 'it was still being written')
  await seconds(5)
  assert.equal(seen.changes, 1)
})

test('a secret beside the config, a file that goes and one that comes are changes too', async (context) => {
  const { versions, seen, seconds } = await watched(context, ['a.json', 'secret'])
  await seconds(1)
  versions.set('secret', 2)
  await seconds(3)
  assert.equal(seen.changes, 1)
  versions.delete('secret')
  await seconds(3)
  assert.equal(seen.changes, 2)
  versions.set('secret', 2)
  await seconds(3)
  assert.equal(seen.changes, 3)
})

test('an edit made while the one before is applied is not missed', async (context) => {
  const { versions, seen, seconds } = await watched(context, ['a.json'])
  await seconds(1)
  seen.during = () => {
    if (seen.changes === 1) versions.set('a.json', 3)
  }
  versions.set('a.json', 2)
  await seconds(6)
  assert.equal(seen.changes, 2)
})

test('an edit made after the config was read, but before the watch began, is not missed', async (context) => {
  const { seen, seconds } = await watched(context, ['a.json'], (versions) => versions.set('a.json', 2))
  await seconds(4)
  assert.equal(seen.changes, 1)
})

test('it ends with its signal and leaves no timer', async (context) => {
  const { stop, clock, watching, seconds } = await watched(context, ['a.json'])
  await seconds(2)
  stop.abort()
  await watching
  assert.equal(clock.pendingTimers, 0)
})
