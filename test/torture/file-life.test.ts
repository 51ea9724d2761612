import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { logLines } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { few } from '../support/tally.ts'
import { scaled } from './harness/scale.ts'
import { scenario } from './harness/scenario.ts'
import { straceMissing, traced } from './harness/strace.ts'
import { isOpen } from './harness/sight.ts'
import type { TortureRig } from './harness/torture-rig.ts'

const warningsOf = (rig: TortureRig, text: string): number =>
  logLines(rig.agent!).filter(({ level, msg }) => level === 'warn' && String(msg).includes(text)).length

const outside = { include: ['app.log'] }

// Names, links, kinds of files ---------------------------------------------------------------------------------------

scenario(
  'ROT-HARDLINK',
  'one inode under two names that match: once',
  { include: ['*.log'], from: 'full' },
  async (rig) => {
    const app = rig.file('app.log')
    app.write(100)
    linkSync(app.path, rig.path('second.log'))
    await rig.start()
    await rig.arrived()
    linkSync(app.path, rig.path('third.log'))
    app.write(100)
    await rig.arrived()
    rmSync(app.path)
    appendFileSync(rig.path('second.log'), app.lines(100))
    await rig.arrived()
  },
)

scenario(
  'FP-SAMEHEAD, FP-TINY, FP-EMPTY',
  '40 files with the same first 4 KiB, 300 of one line, one that is empty at first: each line once',
  { include: ['*.log'] },
  async (rig) => {
    const head = '\n'.repeat(4096)
    for (let i = 0; i < 40; i++) {
      const file = rig.file(`same-${i}.log`)
      writeFileSync(file.path, head + file.lines(20))
    }
    const empty = rig.file('empty.log')
    writeFileSync(empty.path, '')
    await rig.start()
    for (let i = 0; i < 300; i++) rig.file(`tiny-${i}.log`).write(1)
    await rig.arrived()
    empty.write(10)
    for (let i = 0; i < 40; i++) rig.writers[i]!.write(20)
    await rig.arrived()
    // The pool of 256, and what the process has beside it: up to 120 while modules are still being loaded, which
    // overlaps with the first files on a busy machine (348 were seen).
    return { maxDescriptors: 400 }
  },
)

scenario(
  'FP-SHORT',
  'files that live as long as it takes to open them',
  { include: ['*.log'], from: 'full' },
  async (rig) => {
    await rig.start()
    for (let i = 0; i < 20; i++) {
      const file = rig.file(`short-${i}.log`)
      file.write(10)
      await until(() => isOpen(rig, file.path), 'it is open')
      rmSync(file.path)
    }
    await rig.arrived()
  },
)

scenario(
  'FP-COPY',
  'a copy that matches is a file of its own: both, whole',
  { include: ['*.log'], from: 'full' },
  async (rig) => {
    const app = rig.file('app.log')
    app.write(500)
    await rig.start()
    await rig.arrived()
    copyFileSync(app.path, rig.path('copy.log'))
    await until(() => rig.storedCount('es') === 1000 && rig.storedCount('loki') === 1000, 'both are there')
    const doubled = few(app.uids())
    // Not the same entry at Loki either: its metadata has the name of the file.
    return { es: { doubled }, loki: { doubled }, readTwice: 500 }
  },
)

scenario(
  'SPECIAL',
  'FIFO, socket, device, directory, loops of links and strange names that match: nothing blocks, one warning each',
  { include: ['*.log'] },
  async (rig) => {
    const fifo = spawnSync('mkfifo', [rig.path('fifo.log')])
    // Only root may.
    spawnSync('mknod', [rig.path('device.log'), 'c', '1', '5'])
    assert.equal(fifo.status, 0)
    const socket = createServer().listen(rig.path('socket.log'))
    mkdirSync(rig.path('folder.log'))
    symlinkSync('loop.log', rig.path('loop.log'))
    symlinkSync('nowhere', rig.path('dangling.log'))
    symlinkSync('..', rig.path('up.log'))
    for (const name of ['new\nline.log', 'ünï ✓.log', 'two..dots.log', '.hidden.log', 'quote"\\.log'])
      rig.file(name, { writer: `w${rig.writers.length}` }).write(50)
    await rig.start()
    await rig.arrived()
    for (const file of rig.writers) file.write(50)
    await rig.arrived()
    // The agent's log says each kind of trouble once in 30 s, and then how many more there were.
    assert.equal(warningsOf(rig, 'not a regular file'), 1)
    // The loop: ELOOP.
    assert.equal(warningsOf(rig, 'cannot be opened'), 1)
    await new Promise((resolve) => socket.close(resolve))
  },
)

scenario(
  'SPARSE',
  'a hole of NULs before the lines (copytruncate of a writer without O_APPEND): skipped, memory flat',
  { ...outside, source: { max_line_bytes: '1MiB' }, from: 'full' },
  async (rig) => {
    const app = rig.file('app.log')
    writeFileSync(app.path, '')
    truncateSync(app.path, scaled({ short: 2 ** 28, full: 2 ** 33, long: 2 ** 36 }))
    app.write(100)
    await rig.start()
    await rig.arrived(undefined, 600_000)
    assert.equal((await rig.status()).files[0]!.offset, statSync(app.path).size)
    return { maxRssBytes: 200 * 2 ** 20 }
  },
)

/** The agent as nobody with one more group; root may read everything. */
const asNobody = (command: readonly string[]): readonly string[] => [
  'setpriv',
  '--reuid=65534',
  '--regid=65534',
  '--groups=4242',
  ...command,
]

const canDrop =
  process.getuid?.() === 0 &&
  spawnSync('setpriv', asNobody([process.execPath, '-e', '0']).slice(1)).status === 0

if (canDrop)
  scenario(
    'PERM',
    'files and a folder that may not be read, later they may; a file by its group only: all of it, one warning each',
    { include: ['**/*.log'] },
    async (rig) => {
      chownSync(rig.folder, 65534, 65534)
      const open = rig.file('open.log')
      const closed = rig.file('closed.log')
      const group = rig.file('group.log')
      const inside = rig.file('closed/inside.log')
      for (const file of rig.writers) file.write(50)
      chmodSync(open.path, 0o644)
      chmodSync(closed.path, 0o600)
      chownSync(group.path, 0, 4242)
      chmodSync(group.path, 0o640)
      chmodSync(inside.path, 0o644)
      chmodSync(rig.path('closed'), 0o700)
      await rig.start({ through: asNobody })
      await rig.arrived(100)
      for (const file of rig.writers) file.write(50)
      await rig.arrived(200)
      await until(() => warningsOf(rig, 'may not be read') === 1, 'the file is warned of')
      assert.equal(warningsOf(rig, 'a folder of an include cannot be read'), 1)
      chmodSync(closed.path, 0o644)
      chmodSync(rig.path('closed'), 0o755)
      await rig.arrived()
      assert.equal(warningsOf(rig, 'may not be read'), 1)
      assert.equal(warningsOf(rig, 'a folder of an include cannot be read'), 1)
    },
  )
else test('PERM: files that may not be read', { skip: 'nobody but root may become somebody else' }, () => {})

// Where to begin, and folders ----------------------------------------------------------------------------------------

scenario(
  'READFROM',
  'start_at end, ignore_older: exactly the lines that the guide says; a checkpoint always wins',
  { include: ['*.log'], source: { start_at: 'end', ignore_older: '1h' } },
  async (rig) => {
    const there = rig.file('there.log')
    const before = there.lines(100)
    writeFileSync(there.path, before)
    const old = rig.file('old.log')
    old.write(100)
    utimesSync(old.path, 1e9, 1e9)
    await rig.start()
    // Skipped: it was there when the source first ran. Written to from here on.
    there.write(50)
    const later = rig.file('later.log')
    later.write(50)
    await rig.arrived(100)
    // Too old when it was first seen, until it is written to: then whole.
    old.write(50)
    await rig.arrived(250)
    await rig.stop()
    // The second run: start_at no longer holds, new files are read whole, known ones from their checkpoint.
    there.write(50)
    const meanwhile = rig.file('meanwhile.log')
    meanwhile.write(50)
    await rig.start()
    await rig.arrived(350)
    const missing = few(there.uids().slice(0, 100))
    return { es: { lost: missing }, loki: { lost: missing }, unread: 100 }
  },
)

scenario(
  'DIR-LATE, DIR-RECREATE',
  'a folder that comes late, is removed, and made again with new folders in it: all of it, one warning',
  { include: ['late/**/*.log'] },
  async (rig) => {
    await rig.start()
    assert.equal(warningsOf(rig, 'does not exist yet'), 1)
    for (let round = 0; round < 3; round++) {
      const names = ['late/a.log', `late/sub-${round}/deep/b.log`]
      for (const name of names) rig.file(name, { writer: `${round}-${name}` }).write(100)
      await rig.arrived()
      for (const file of rig.writers.slice(-2)) file.write(100)
      await rig.arrived()
      rmSync(rig.path('late'), { recursive: true })
      // Made again before anybody looks, and once after a sweep that found nothing.
      if (round === 1) await sleep(1500)
    }
  },
)

scenario(
  'NFS-POLL',
  'a file system that tells of no change (inotify refuses): new, grown and rotated files are found by looking',
  { skip: straceMissing, from: 'full', include: ['**/*.log*'] },
  async (rig) => {
    // Every call, so that the one without a path among them is seen.
    await rig.start(traced({ paths: [], inject: ['inotify_add_watch:error=ENOSPC'] }))
    const app = rig.file('app.log')
    for (let round = 0; round < 4; round++) {
      app.write(100)
      rig.file(`new-${round}/${round}.log`).write(50)
      await rig.arrived()
      app.write(100)
      app.rotateNumbered()
    }
    app.write(100)
    await rig.arrived()
  },
)
