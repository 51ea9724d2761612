import assert from 'node:assert/strict'
import { existsSync, renameSync, statSync } from 'node:fs'
import { test } from 'node:test'
import type { FileSystem } from '../../../src/core/file-system.ts'
import { nodeFileSystem } from '../../../src/platform/node-file-system.ts'
import { Siblings } from '../../../src/sources/file/siblings.ts'
import { numbered, TailBench } from '../../support/tail-bench.ts'

/** A disk on which logrotate is at work: as soon as `name` was looked at, every file moves one number on. */
function rotatingDuring(bench: TailBench, name: string): FileSystem & { rotations: number } {
  const fileSystem = { ...nodeFileSystem, rotations: 0 }
  fileSystem.lstat = async (path) => {
    const stat = await nodeFileSystem.lstat(path)
    if (path === bench.path(name) && fileSystem.rotations === 0) {
      fileSystem.rotations += 1
      for (let index = 5; index >= 1; index--)
        if (existsSync(bench.path(`app.log.${index}`)))
          renameSync(bench.path(`app.log.${index}`), bench.path(`app.log.${index + 1}`))
    }
    return stat
  }
  return fileSystem
}

test('a file that a rotation moves past the one that lists the folder is found all the same', async (context) => {
  const bench = new TailBench(context)
  for (const index of [1, 2, 3, 4]) bench.append(`app.log.${index}`, `${index}\n`)
  const inodes = [1, 2, 3, 4].map((index) => statSync(bench.path(`app.log.${index}`)).ino)
  const siblings = new Siblings(rotatingDuring(bench, 'app.log.3'))
  const found = new Set<number>()
  let listings = 0
  for await (const listing of siblings.listings(bench.folder)) {
    listings += 1
    for (const { stat } of listing) found.add(stat.inode)
  }
  assert.deepEqual([...found].sort(), inodes.sort())
  assert.equal(listings, 3, 'it ends when two listings agree')
})

test('a restart in the middle of a rotation to names outside the globs loses no file', async (context) => {
  const before = new TailBench(context)
  before.append('app.log', numbered('a', 3))
  await before.start()
  await before.lines(3)
  await before.stop()
  before.append('app.log', numbered('b', 3))
  // While nobody looked it became app.log.2, and there are others beside it.
  renameSync(before.path('app.log'), before.path('app.log.2'))
  before.append('app.log.1', 'newer\n')
  before.append('app.log.3', 'older\n')
  const fileSystem = rotatingDuring(before, 'app.log.3')
  const after = before.withFileSystem(fileSystem)
  await after.start()
  await after.lines(6)
  await after.stop()
  assert.equal(fileSystem.rotations, 1)
  assert.deepEqual(after.buffer.lines.slice(3), numbered('b', 3).trimEnd().split('\n'))
})

test('a file that a start did not find and that is seen again right after is not read twice', async (context) => {
  const bench = new TailBench(context, { include: ['app.log*'] })
  bench.append('app.log', numbered('a', 3))
  await bench.start()
  await bench.lines(3)
  await bench.stop()
  // Missed by every listing of the start, as in the middle of a rotation of a thousand files; back at the first sweep.
  let isHidden = true
  bench.withFileSystem({
    ...nodeFileSystem,
    readdir: async (path) => (isHidden ? [] : nodeFileSystem.readdir(path)),
  })
  renameSync(bench.path('app.log'), bench.path('app.log.1'))
  await bench.start()
  isHidden = false
  bench.append('app.log.1', numbered('b', 2))
  const expected = [...numbered('a', 3).trimEnd().split('\n'), ...numbered('b', 2).trimEnd().split('\n')]
  assert.deepEqual(await bench.lines(5), expected)
  // And over the next start: its newest checkpoint does not say that it is gone.
  await bench.restart()
  bench.append('app.log.1', numbered('c', 1))
  assert.deepEqual(await bench.lines(6), [...expected, 'c 0'])
})

test('a file that took the name of one found a moment before, in the same chain of renames, is found too', async (context) => {
  const bench = new TailBench(context)
  const move = (from: string, to: string): void => renameSync(bench.path(from), bench.path(to))
  bench.append('app.log', numbered('a', 3))
  await bench.start()
  await bench.lines(3)
  move('app.log', 'app.log.1')
  bench.append('app.log', numbered('b', 3))
  await bench.lines(6)
  await bench.stop()
  bench.append('app.log.1', numbered('late-a', 2))
  bench.append('app.log', numbered('late-b', 2))
  move('app.log.1', 'app.log.2')
  move('app.log', 'app.log.1')
  // The first listing misses the newer file and finds the older at .2; then both move on.
  const seen = { listings: 0 }
  bench.withFileSystem({
    ...nodeFileSystem,
    lstat: (path) =>
      nodeFileSystem.lstat(seen.listings < 3 && path === bench.path('app.log.1') ? '/nowhere' : path),
    readdir: async (path) => {
      seen.listings += 1
      if (seen.listings === 3) {
        move('app.log.2', 'app.log.3')
        move('app.log.1', 'app.log.2')
      }
      return nodeFileSystem.readdir(path)
    },
  })
  await bench.start()
  const late = [
    ...numbered('late-a', 2).trimEnd().split('\n'),
    ...numbered('late-b', 2).trimEnd().split('\n'),
  ]
  assert.deepEqual((await bench.lines(10)).slice(6).sort(), late.sort())
  assert.ok(seen.listings >= 3)
})
