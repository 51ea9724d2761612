import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readlinkSync, renameSync } from 'node:fs'
import { test } from 'node:test'
import { nodeFileSystem } from '../../../../src/platform/node-file-system.ts'
import type { FolderListener } from '../../../../src/sources/file/discovery/folder-watch.ts'
import { Grabs } from '../../../../src/sources/file/discovery/grabs.ts'
import { numbered, TailBench } from '../../../support/tail-bench.ts'

/** How many descriptors of this process lead to a file below the folder. */
const openBelow = (folder: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)
    } catch {
      return false
    }
  }).length

test('a file that was renamed out of the globs before anybody looked at it is read all the same', async (context) => {
  let listener: FolderListener | undefined
  const bench = new TailBench(context, {
    tuning: {
      watchFolders: (given) => {
        listener = given
        return { add() {}, remove() {}, close: () => Promise.resolve() }
      },
    },
  })
  await bench.start()
  const app = bench.path('app.log')
  // What happens while the thread is busy with something else: two generations, both gone when the look comes.
  for (const round of [1, 2]) {
    bench.append('app.log', numbered(`r${round}`, 3))
    listener!.onName(app, true)
    renameSync(app, bench.path(`gone.${round}`))
  }
  bench.append('app.log', numbered('r3', 3))
  listener!.onName(app, true)
  const expected = [1, 2, 3].flatMap((round) => numbered(`r${round}`, 3).trimEnd().split('\n'))
  assert.deepEqual([...(await bench.lines(9))].sort(), expected.sort())
  await bench.stop()
  assert.equal(openBelow(bench.folder), 0, 'no descriptor is left behind')
})

test('what is grabbed is bounded, is no FIFO, and is closed in the end', async (context) => {
  const bench = new TailBench(context)
  bench.append('app.log', 'x\n')
  execFileSync('mkfifo', [bench.path('fifo.log')])
  const grabs = new Grabs(nodeFileSystem)
  grabs.take(bench.path('fifo.log'))
  grabs.take(bench.path('missing.log'))
  assert.equal(openBelow(bench.folder), 0)
  for (let i = 0; i < 200; i++) grabs.take(bench.path('app.log'))
  assert.equal(openBelow(bench.folder), 64)
  await grabs.close()
  assert.equal(openBelow(bench.folder), 0)
})
