import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs'
import { createServer } from 'node:net'
import { test } from 'node:test'
import type { FileSystem } from '../../../../src/core/file-system.ts'
import type { FolderListener, FolderWatch } from '../../../../src/sources/file/discovery/folder-watch.ts'
import { nodeFileSystem } from '../../../../src/platform/node-file-system.ts'
import { FakeClock, until } from '../../../support/fake-clock.ts'
import { numbered, TailBench } from '../../../support/tail-bench.ts'

const denied = (path: string): Error => Object.assign(new Error(`EACCES: ${path}`), { code: 'EACCES' })

test('start_at end holds for files of the first run, never for later ones', async (context) => {
  const bench = new TailBench(context, { config: { start_at: 'end' } })
  bench.append('old.log', numbered('old', 1000))
  bench.append('empty.log', '')
  await bench.start()
  await until(() => bench.buffer.checkpoints.length === 3, 'both files and the marker are remembered')
  bench.append('new.log', numbered('new', 2))
  await bench.lines(2)
  bench.append('old.log', numbered('more', 2))
  await bench.lines(4)
  await bench.stop()
  bench.append('empty.log', numbered('filled', 1))
  bench.append('later.log', numbered('later', 1))
  await bench.start()
  await bench.lines(6)
  assert.ok(!bench.buffer.lines.some((line) => line.startsWith('old')))
})

test('start_at end and a stop at once: the next start does not read what the first one skipped', async (context) => {
  const bench = new TailBench(context, { config: { start_at: 'end' } })
  for (let i = 0; i < 50; i++) bench.append(`old${i}.log`, numbered('old', 100))
  await bench.start()
  await bench.stop()
  await bench.start()
  bench.append('old7.log', numbered('new', 1))
  await bench.runner.drain()
  assert.deepEqual(bench.buffer.lines, ['new 0'])
})

test('start_at end with no file at the first run: what comes while stopped is read whole', async (context) => {
  const bench = new TailBench(context, { config: { start_at: 'end' } })
  await bench.start()
  await until(() => bench.buffer.checkpoints.length === 1, 'the marker was written')
  await bench.stop()
  bench.append('app.log', numbered('a', 2))
  await bench.start()
  assert.deepEqual(await bench.lines(2), ['a 0', 'a 1'])
  assert.equal(bench.buffer.checkpoints.length, 2)
})

test('ignore_older leaves a file alone until it is written to; a checkpoint always wins', async (context) => {
  const bench = new TailBench(context, { config: { ignore_older: '1h' } })
  bench.append('known.log', numbered('known', 1))
  await bench.start()
  await bench.lines(1)
  await bench.stop()
  bench.append('known.log', numbered('known', 1, 1))
  bench.append('old.log', numbered('old', 1))
  const longAgo = new Date(Date.now() - 7200e3)
  for (const name of ['known.log', 'old.log']) utimesSync(bench.path(name), longAgo, longAgo)
  await bench.start()
  await bench.lines(2)
  assert.deepEqual(bench.buffer.lines, ['known 0', 'known 1'])
  bench.append('old.log', numbered('old', 1, 1))
  await bench.lines(4)
  assert.deepEqual(bench.buffer.lines.slice(2), ['old 0', 'old 1'])
})

test('FIFOs, sockets, folders and loops that match never block and are named once', async (context) => {
  const bench = new TailBench(context, { include: ['**/*.log'] })
  execFileSync('mkfifo', [bench.path('fifo.log')])
  mkdirSync(bench.path('folder.log'))
  symlinkSync('loop.log', bench.path('loop.log'))
  symlinkSync('.', bench.path('self'))
  symlinkSync('/dev/zero', bench.path('zero.log'))
  const server = createServer().listen(bench.path('socket.log'))
  context.after(() => server.close())
  await until(() => server.listening, 'the socket is there')
  bench.append('folder.log/new\nline ü.log', 'fine\n')
  await bench.start()
  await bench.lines(1)
  const warned = (name: string): number => bench.warnings.filter((warning) => warning.includes(name)).length
  await until(() => warned('loop.log') === 1, 'the loop was named')
  assert.deepEqual(
    ['fifo', 'socket', 'zero'].map((name) => warned(`${name}.log`)),
    [1, 1, 1],
  )
  assert.equal(warned('folder.log'), 0)
})

test('an unreadable file is named once and read when it may be', async (context) => {
  let isDenied = true
  let tries = 0
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    open: (path, flags, mode) => {
      if (!isDenied || !path.endsWith('secret.log')) return nodeFileSystem.open(path, flags, mode)
      tries++
      return Promise.reject(denied(path))
    },
  }
  const bench = new TailBench(context, { fileSystem, tuning: { sweepMs: 20 } })
  bench.append('secret.log', 'secret\n')
  bench.append('open.log', 'open\n')
  await bench.start()
  await bench.lines(1)
  await until(() => tries > 3, 'it was tried again')
  assert.equal(bench.warnings.length, 1)
  assert.match(bench.warnings[0]!, /may not be read \(EACCES\)/)
  const path = bench.path('secret.log')
  const reason = 'may not be read (EACCES)'
  assert.deepEqual(bench.runner.unreadable(), [{ source: 'app', path, reason }])
  isDenied = false
  await bench.lines(2)
  assert.deepEqual(bench.runner.unreadable(), [])
})

test('a file whose folder is closed and opened again is no trouble any more', async (context) => {
  let isDenied = false
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    stat: (path) =>
      isDenied && path.endsWith('a.log') ? Promise.reject(denied(path)) : nodeFileSystem.stat(path),
  }
  const bench = new TailBench(context, { fileSystem, tuning: { sweepMs: 20 } })
  bench.append('a.log', 'a\n')
  await bench.start()
  await bench.lines(1)
  isDenied = true
  await until(() => bench.warnings.length > 0, 'it is named')
  isDenied = false
  bench.append('a.log', 'b\n')
  await bench.lines(2)
  await bench.runner.drain()
  assert.deepEqual(bench.runner.unreadable(), [])
  isDenied = true
  await until(() => bench.warnings.length > 1, 'it is named again')
})

test('a folder that cannot be listed is named once and read when it can', async (context) => {
  let isDenied = true
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    readdir: (path) =>
      isDenied && path.endsWith('sub') ? Promise.reject(denied(path)) : nodeFileSystem.readdir(path),
  }
  const bench = new TailBench(context, { fileSystem, include: ['sub/*.log'], tuning: { sweepMs: 20 } })
  mkdirSync(bench.path('sub'))
  bench.append('sub/a.log', 'a\n')
  await bench.start()
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal(bench.warnings.length, 1)
  const path = bench.path('sub')
  assert.deepEqual(bench.runner.unreadable(), [{ source: 'app', path, reason: 'may not be listed (EACCES)' }])
  isDenied = false
  await bench.lines(1)
  assert.deepEqual(bench.runner.unreadable(), [])
})

test('a link that leads out of the allowed folders is refused, unless it is listed', async (context) => {
  const outside = new TailBench(context)
  outside.append('shadow', 'secret\n')
  const bench = new TailBench(context)
  symlinkSync(outside.path('shadow'), bench.path('evil.log'))
  bench.append('fine.log', 'fine\n')
  await bench.start()
  await bench.lines(1)
  assert.match(bench.warnings.join('\n'), /outside of its include; list the folder in follow_symlinks/)
  await bench.stop()
  assert.deepEqual(bench.buffer.lines, ['fine'])
  const trusting = new TailBench(context, { config: { follow_symlinks: [outside.folder] } })
  symlinkSync(outside.path('shadow'), trusting.path('good.log'))
  await trusting.start()
  assert.deepEqual(await trusting.lines(1), ['secret'])
})

test('a name that becomes a link out of the allowed folders after it was seen is refused too', async (context) => {
  const outside = new TailBench(context)
  outside.append('shadow', numbered('secret', 5))
  const bench = new TailBench(context)
  bench.append('a.log', 'a\n')
  await bench.start()
  await bench.lines(1)
  rmSync(bench.path('a.log'))
  symlinkSync(outside.path('shadow'), bench.path('a.log'))
  await until(() => bench.warnings.length > 0, 'it was refused')
  bench.append('b.log', 'b\n')
  await bench.lines(2)
  assert.deepEqual(bench.buffer.lines, ['a', 'b'])
})

test('Kubernetes: links over two folders, rotation in the target folder, labels of the link', async (context) => {
  const bench = new TailBench(context, { include: ['containers/*.log'] })
  await bench.stop()
  for (const folder of ['containers', 'pods']) mkdirSync(bench.path(folder))
  const pods = new TailBench(context, {
    include: [bench.path('containers/*.log')],
    config: { follow_symlinks: [bench.path('pods')] },
  })
  bench.append('pods/0.log', numbered('a', 3))
  symlinkSync('../pods/0.log', bench.path('containers/web.log'))
  await pods.start()
  await pods.lines(3)
  bench.append('pods/0.log', numbered('b', 1))
  await pods.lines(4)
  renameSync(bench.path('pods/0.log'), bench.path('pods/0.log.20261120'))
  bench.append('pods/0.log.20261120', numbered('late', 1))
  bench.append('pods/0.log', numbered('c', 2))
  await pods.lines(7)
  assert.deepEqual(pods.buffer.lines, ['a 0', 'a 1', 'a 2', 'b 0', 'late 0', 'c 0', 'c 1'])
  assert.ok(pods.buffer.events.every(({ path }) => path === bench.path('containers/web.log')))
  await pods.stop()
  bench.append('pods/0.log', numbered('d', 1))
  renameSync(bench.path('pods/0.log'), bench.path('pods/0.log.20261121'))
  bench.append('pods/0.log', numbered('e', 1))
  await pods.start()
  await pods.lines(9)
  assert.deepEqual(pods.buffer.lines.slice(7), ['d 0', 'e 0'])
})

test('2000 files with few descriptors: all are read, and no more are open than allowed', async (context) => {
  const bench = new TailBench(context, { tuning: { maxDescriptors: 32 } })
  const openLogs = (): number => readdirSync('/proc/self/fd').length
  const before = openLogs()
  for (let file = 0; file < 2000; file++) bench.append(`f${file}.log`, `first ${file}\n`)
  await bench.start()
  await bench.lines(2000)
  for (let file = 0; file < 2000; file++) bench.append(`f${file}.log`, `second ${file}\n`)
  await bench.lines(4000)
  assert.equal(new Set(bench.buffer.lines).size, 4000)
  assert.ok(bench.runner.status().filter((file) => file.isOpen).length <= 32)
  assert.ok(openLogs() - before < 40, `${openLogs() - before} descriptors more`)
})

test('a system limit on descriptors below ours is learned, and nothing is lost', async (context) => {
  let open = 0
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    async open(path, flags, mode) {
      if (open >= 20) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' })
      const file = await nodeFileSystem.open(path, flags, mode)
      open++
      const close = file.close.bind(file)
      file.close = () => {
        open--
        return close()
      }
      return file
    },
  }
  const bench = new TailBench(context, { fileSystem })
  for (let file = 0; file < 100; file++) bench.append(`f${file}.log`, `first ${file}\n`)
  await bench.start()
  for (let file = 0; file < 100; file++) bench.append(`f${file}.log`, `second ${file}\n`)
  await bench.lines(200)
  assert.equal(new Set(bench.buffer.lines).size, 200)
})

test('40 files with the same head, 300 of one short line, empty ones that are filled later', async (context) => {
  const bench = new TailBench(context)
  const head = 'same head\n'.repeat(500)
  for (let file = 0; file < 40; file++) bench.append(`same${file}.log`, `${head}own ${file}\n`)
  for (let file = 0; file < 300; file++) bench.append(`tiny${file}.log`, 'x\n')
  bench.append('empty.log', '')
  await bench.start()
  await bench.lines(40 * 501 + 300)
  await bench.stop()
  bench.append('empty.log', 'filled\n')
  bench.append('tiny7.log', 'y\n')
  await bench.start()
  await bench.lines(40 * 501 + 302)
  assert.deepEqual(bench.buffer.lines.slice(-2).toSorted(), ['filled', 'y'])
})

test('two hundred rotations leave no descriptor behind', async (context) => {
  const clock = new FakeClock()
  const bench = new TailBench(context, { clock })
  await bench.start()
  const before = readdirSync('/proc/self/fd').length
  for (let round = 0; round < 200; round++) {
    bench.append('app.log', `line ${round}\n`)
    await bench.lines(round + 1)
    renameSync(bench.path('app.log'), bench.path('app.log.1'))
    if (round % 20 === 0) await clock.advance(6000)
  }
  await clock.advance(6000)
  await until(async () => {
    await clock.advance(1000)
    return bench.runner.status().length <= 2
  }, 'deleted generations are gone')
  assert.ok(readdirSync('/proc/self/fd').length <= before + 3)
  assert.ok(bench.buffer.checkpoints.filter(({ goneAtMs }) => goneAtMs === 0).length <= 2)
})

test('where inotify has no watches left the files are polled, after one warning', async (context) => {
  const watchFolders = (listener: FolderListener): FolderWatch => ({
    add: (folder) => listener.onTrouble(folder, 'ENOSPC'),
    remove() {},
    close: () => Promise.resolve(),
  })
  const bench = new TailBench(context, { include: ['*/app.log'], tuning: { sweepMs: 50, watchFolders } })
  mkdirSync(bench.path('a'))
  await bench.start()
  bench.append('a/app.log', numbered('a', 2))
  await bench.lines(2)
  renameSync(bench.path('a/app.log'), bench.path('a/app.log.1'))
  bench.append('a/app.log', numbered('b', 2))
  await bench.lines(4)
  assert.equal(bench.warnings.filter((warning) => warning.includes('inotify')).length, 1)
})

test('a sweep asks the pool for one idle file of a slice only, and still finds what no watch told', async (context) => {
  let pooled = 0
  let blocking = 0
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    stat(path) {
      if (path.endsWith('.log')) pooled++
      return nodeFileSystem.stat(path)
    },
    statNow(path) {
      blocking++
      return nodeFileSystem.statNow?.(path)
    },
  }
  const silent: FolderWatch = { add() {}, remove() {}, close: () => Promise.resolve() }
  const bench = new TailBench(context, { fileSystem, tuning: { sweepMs: 20, watchFolders: () => silent } })
  for (let index = 0; index < 32; index++) bench.append(`${index}.log`, 'one\n')
  await bench.start()
  await bench.lines(32)
  await until(() => blocking >= 30, 'all files are idle')
  pooled = 0
  blocking = 0
  await until(() => blocking >= 300, 'they were looked at ten times')
  assert.ok(pooled <= 40, `${pooled} of ${blocking + pooled} looks went by the pool`)
  for (const index of [0, 7, 31]) bench.append(`${index}.log`, 'two\n')
  await bench.lines(35)
})
