import assert from 'node:assert/strict'
import { closeSync, openSync, renameSync, truncateSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import type { FileSystem } from '../../../../src/core/file-system.ts'
import { nodeFileSystem } from '../../../../src/platform/node-file-system.ts'
import { until } from '../../../support/fake-clock.ts'
import { TailBench } from '../../../support/tail-bench.ts'

const files = 100
const nameOf = (file: number): string => `app-${file}.log`
const each = Array.from({ length: files }, (_, file) => file)

/** The real disk, which counts what is asked of it. */
function countingDisk(): { disk: FileSystem; opens: () => number; opensNow: () => number } {
  let [opens, opensNow] = [0, 0]
  const disk: FileSystem = {
    ...nodeFileSystem,
    open(path, flags, mode) {
      opens++
      return nodeFileSystem.open(path, flags, mode)
    },
    openNow(path, flags, isSeen) {
      opensNow++
      return nodeFileSystem.openNow!(path, flags, isSeen)
    },
  }
  return { disk, opens: () => opens, opensNow: () => opensNow }
}

/** A hundred files that were read, of which eight may be open, on a disk that is asked in rounds. */
async function manyFiles(bench: TailBench, others = 0): Promise<void> {
  for (const file of each) bench.append(nameOf(file), `first of ${file}\n`)
  await bench.start()
  await bench.lines(files + others)
}

const tuning = { maxDescriptors: 8, sweepMs: 3_600_000 }

test('a line more in each of many files comes once, without the pool being asked to open each of them', async (context) => {
  const { disk, opens, opensNow } = countingDisk()
  const bench = new TailBench(context, { fileSystem: disk, tuning })
  await manyFiles(bench)
  const before = opens()
  for (const file of each) bench.append(nameOf(file), `second of ${file}\n`)
  const lines = await bench.lines(2 * files)
  assert.equal(new Set(lines).size, 2 * files)
  assert.ok(opens() - before < files / 2, `${opens() - before} of ${files} were opened by the pool`)
  assert.ok(opensNow() > files / 2)
})

test('the lines of each file stay in order, also of one that grows faster than it is read', async (context) => {
  const bench = new TailBench(context, { tuning })
  await manyFiles(bench)
  for (let round = 0; round < 20; round++) {
    for (const file of each) if (file % 10 === 0) bench.append(nameOf(file), `${round} of ${file}\n`)
    bench.append(nameOf(1), `${round} of 1 ${'x'.repeat(40_000)}\n`)
  }
  await bench.lines(files + 20 * 11)
  for (const file of [1, 10, 90]) {
    const own = bench.buffer.events.filter(({ path }) => path.endsWith(`/${nameOf(file)}`))
    const rounds = own.slice(1).map(({ text }) => Number(text.split(' ')[0]))
    assert.deepEqual(
      rounds,
      Array.from({ length: 20 }, (_, round) => round),
    )
  }
})

test('what is not plain has a turn of its own: unfinished lines, files that were cut, replaced, renamed', async (context) => {
  const bench = new TailBench(context, { tuning })
  await manyFiles(bench)
  bench.append(nameOf(0), 'unfinished')
  truncateSync(bench.path(nameOf(1)), 0)
  bench.append(nameOf(1), 'anew\n')
  writeFileSync(bench.path('new'), 'of another file\n')
  renameSync(bench.path('new'), bench.path(nameOf(2)))
  bench.append(nameOf(3), 'before the rename\n')
  renameSync(bench.path(nameOf(3)), bench.path('app-3.log.1'))
  bench.append(nameOf(4), `${'long '.repeat(8_000)}\n`)
  unlinkSync(bench.path(nameOf(5)))
  for (const file of each) if (file > 5) bench.append(nameOf(file), `second of ${file}\n`)
  await bench.lines(files + (files - 6) + 4)
  bench.append(nameOf(0), ' and finished\n')
  await until(() => bench.buffer.lines.includes('unfinished and finished'), 'the unfinished line came whole')
  const lines = bench.buffer.lines
  for (const line of ['anew', 'of another file', 'before the rename']) assert.ok(lines.includes(line), line)
  assert.equal(lines.filter((line) => line.startsWith('long ')).length, 1)
  assert.equal(new Set(lines).size, lines.length)
})

test('a file that waits for room in the buffer keeps its place until the chunks of its round are taken', async (context) => {
  const bench = new TailBench(context, { tuning })
  await manyFiles(bench)
  bench.buffer.block()
  for (const file of each) bench.append(nameOf(file), `second of ${file}\n`)
  await until(() => bench.buffer.waiting > 0, 'a round waits')
  for (const file of each) bench.append(nameOf(file), `third of ${file}\n`)
  bench.buffer.unblock()
  const lines = await bench.lines(3 * files)
  assert.equal(new Set(lines).size, 3 * files)
})

test('a file whose beginning was written over while it was closed is read anew, though its end is the same', async (context) => {
  const bench = new TailBench(context, { tuning })
  bench.append('old.log', `${'first '.repeat(2)}\n${'x'.repeat(9_000)}\n`)
  await manyFiles(bench, 2)
  bench.append('old.log', 'one more\n')
  await bench.lines(files + 3)
  for (const file of each) bench.append(nameOf(file), `second of ${file}\n`)
  await bench.lines(2 * files + 3)
  const fd = openSync(bench.path('old.log'), 'r+')
  writeSync(fd, 'other', 0)
  closeSync(fd)
  for (const file of each) bench.append(nameOf(file), `third of ${file}\n`)
  bench.append('old.log', 'and more\n')
  await until(() => bench.buffer.lines.includes('and more'), 'the last line came')
  assert.ok(bench.buffer.lines.includes('other first '))
})

test('after a restart in the middle of a round each line is there once', async (context) => {
  const bench = new TailBench(context, { tuning })
  await manyFiles(bench)
  for (const file of each) bench.append(nameOf(file), `second of ${file}\n`)
  await bench.lines(files + 1)
  await bench.restart()
  const lines = await bench.lines(2 * files)
  assert.equal(new Set(lines).size, 2 * files)
})
