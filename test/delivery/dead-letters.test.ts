import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { File, FileSystem } from '../../src/core/file-system.ts'
import { silentLog } from '../../src/core/log.ts'
import { readLetterHead } from '../../src/delivery/letters/dead-letter.ts'
import type { DeadLetter } from '../../src/delivery/letters/dead-letter.ts'
import { openDeadLetters } from '../../src/delivery/dead-letters.ts'
import type { OpenDeadLetters } from '../../src/delivery/dead-letters.ts'
import { nodeFileSystem } from '../../src/platform/node-file-system.ts'
import { FakeClock, until } from '../support/fake-clock.ts'
import { systemError } from './harness.ts'

const day = 24 * 3600_000

let directory = ''
let clock = new FakeClock()
const left: string[] = []
const onLeft = (source: string, count: number, reason: string): void => {
  left.push(`${source} ${count} ${reason}`)
}

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'logferry-letters-')), 'dead_letters')
  clock = new FakeClock()
  left.length = 0
})
afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }))

interface StoreOptions {
  readonly maxBytes?: number
  readonly maxAgeMs?: number
  readonly fileSystem?: FileSystem
}

const open = (options: StoreOptions = {}): Promise<OpenDeadLetters> =>
  openDeadLetters({
    directory,
    maxBytes: 1024 ** 2,
    maxAgeMs: 30 * day,
    fileSystem: nodeFileSystem,
    clock,
    log: silentLog,
    ...options,
  })

const letter = (id: string, body = 'x', source = 'app'): DeadLetter => ({
  id,
  time: new Date(clock.now()).toISOString(),
  sink: 'es',
  source,
  reason: 'mapping',
  status: 400,
  type: 't',
  text: 'line "quoted"\n',
  attempts: 1,
  origin: { generation: 'g', path: '/var/log/a"b.log', from: 0, to: 2 },
  event: { target: 'create x', body },
})

/** Disk faults by method; each entry is used up by one call. */
function faulty(faults: {
  write?: Error[]
  datasync?: Error[]
  truncate?: Error[]
  syncDirectory?: Error[]
}): FileSystem {
  const fail = (kind: keyof typeof faults): void => {
    const error = faults[kind]?.shift()
    if (error) throw error
  }
  return {
    ...nodeFileSystem,
    async syncDirectory(path) {
      fail('syncDirectory')
      await nodeFileSystem.syncDirectory(path)
    },
    async open(path, flags, mode) {
      const file = await nodeFileSystem.open(path, flags, mode)
      const broken: File = {
        read: (...args) => file.read(...args),
        stat: () => file.stat(),
        close: () => file.close(),
        async truncate(size) {
          fail('truncate')
          await file.truncate(size)
        },
        async write(bytes, position) {
          if (faults.write?.length) {
            await file.write(bytes.subarray(0, Math.floor(bytes.length / 2)), position)
            fail('write')
          }
          await file.write(bytes, position)
        },
        async datasync() {
          fail('datasync')
          await file.datasync()
        },
      }
      return broken
    },
  }
}

const lines = async (sink = 'es'): Promise<string[]> => {
  const names = (await readdir(join(directory, sink))).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(directory, sink, name), 'utf8')))
  return texts.join('').split('\n').filter(Boolean)
}
const ids = async (sink = 'es'): Promise<string[]> =>
  (await lines(sink)).map((line) => readLetterHead(line)?.id ?? '')

describe('the dead letters', () => {
  it('are one line of JSON each, in files that only their owner reads', async () => {
    const store = await open()
    await store.forSink('es', onLeft).write([letter('a'), letter('b')])
    assert.deepEqual(
      (await lines()).map((line) => JSON.parse(line)),
      [letter('a'), letter('b')],
    )
    assert.equal((await stat(join(directory, 'es/001.ndjson'))).mode & 0o777, 0o600)
    assert.equal((await stat(directory)).mode & 0o777, 0o700)
    assert.equal((await stat(join(directory, 'es'))).mode & 0o777, 0o700)
    assert.equal(store.stored('es'), 2)
    assert.equal(store.stored('loki'), 0)
    await store.close()
  })

  it('know after a restart what is there, and do not write it twice', async () => {
    const first = await open()
    await first.forSink('es', onLeft).write([letter('a'), letter('b', 'x', 'web')])
    await first.close()
    const second = await open()
    assert.equal(second.stored('es'), 2)
    const letters = second.forSink('es', onLeft)
    assert.deepEqual(
      [...letters.bySource()],
      [
        ['app', 1],
        ['web', 1],
      ],
    )
    await letters.write([letter('b'), letter('c'), letter('c')])
    assert.deepEqual(await ids(), ['a', 'b', 'c'])
    assert.equal(second.stored('es'), 3)
    await second.close()
  })

  it('are repaired when a crash tore the last line, at every byte of it', async () => {
    const store = await open()
    await store.forSink('es', onLeft).write([letter('a'), letter('b')])
    await store.close()
    const path = join(directory, 'es/001.ndjson')
    const whole = await readFile(path)
    const second = whole.indexOf(10) + 1
    for (const length of [second + 1, second + 7, whole.length - 2, whole.length - 1]) {
      await writeFile(path, whole.subarray(0, length))
      const repaired = await open()
      assert.equal(repaired.stored('es'), 1)
      await repaired.forSink('es', onLeft).write([letter('b')])
      assert.deepEqual(await ids(), ['a', 'b'])
      await repaired.close()
    }
  })

  it('fail loudly on a full disk, leave no half letter, and go on when there is room', async () => {
    const store = await open({
      fileSystem: faulty({ write: [systemError('ENOSPC'), systemError('ENOSPC')] }),
    })
    const letters = store.forSink('es', onLeft)
    await assert.rejects(letters.write([letter('a')]), { code: 'ENOSPC' })
    assert.equal(store.stored('es'), 0)
    await assert.rejects(letters.write([letter('a'), letter('b')]), { code: 'ENOSPC' })
    await letters.write([letter('a'), letter('b')])
    assert.deepEqual(await ids(), ['a', 'b'])
    await store.close()
  })

  it('do not trust a file whose sync failed: they are written again elsewhere', async () => {
    const datasync: Error[] = []
    const store = await open({ fileSystem: faulty({ datasync }) })
    const letters = store.forSink('es', onLeft)
    await letters.write([letter('a')])
    datasync.push(systemError('EIO'))
    await assert.rejects(letters.write([letter('b')]), { code: 'EIO' })
    assert.equal(store.stored('es'), 1)
    await letters.write([letter('b')])
    assert.deepEqual((await readdir(join(directory, 'es'))).sort(), ['001.ndjson', '002.ndjson'])
    assert.deepEqual(await ids(), ['a', 'b'])
    await store.close()
  })

  it('do not count on a name that is not synced', async () => {
    const store = await open({ fileSystem: faulty({ syncDirectory: [systemError('EIO')] }) })
    const letters = store.forSink('es', onLeft)
    await assert.rejects(letters.write([letter('a')]), { code: 'EIO' })
    assert.equal(store.stored('es'), 0)
    await letters.write([letter('a')])
    assert.equal(store.stored('es'), 1)
    await store.close()
  })

  it('stay below max_bytes over all sinks: the oldest file leaves, and is counted', async () => {
    const store = await open({ maxBytes: 300_000 })
    const es = store.forSink('es', onLeft)
    const loki = store.forSink('loki', onLeft)
    for (let index = 0; index < 40; index++) {
      await clock.advance(1000)
      await (index % 4 === 0 ? loki : es).write([letter(`id-${index}`, 'y'.repeat(20_000))])
      assert.ok(store.fullness() <= 1)
    }
    const gone = left.reduce((sum, text) => sum + Number(text.split(' ')[1]), 0)
    assert.ok(gone > 0)
    assert.equal(store.stored('es') + store.stored('loki') + gone, 40)
    assert.ok(left.every((text) => text.endsWith('dead_letters_full')))
    assert.ok((await ids()).includes('id-39'))
    assert.ok(!(await ids('loki')).includes('id-0'))
    await store.close()
  })

  it('take a letter that is larger than max_bytes all the same', async () => {
    const store = await open({ maxBytes: 1000 })
    await store.forSink('es', onLeft).write([letter('a')])
    await store.forSink('es', onLeft).write([letter('b', 'z'.repeat(5000))])
    assert.deepEqual(await ids(), ['b'])
    assert.deepEqual(left, ['app 1 dead_letters_full'])
    await store.close()
  })

  it('leave at max_age, while running and at a start', async () => {
    const store = await open({ maxAgeMs: 2 * day })
    const letters = store.forSink('es', onLeft)
    await letters.write([letter('old', 'x', 'web'), letter('old 2')])
    await clock.advance(day)
    await letters.write([letter('new')])
    assert.equal((await readdir(join(directory, 'es'))).length, 2)
    await clock.advance(day + 20 * 60_000)
    await until(() => store.stored('es') === 1, 'the old file has left')
    assert.deepEqual(left.sort(), ['app 1 expired', 'web 1 expired'])
    await store.close()
    clock.jump(5 * day)
    const later = await open({ maxAgeMs: 2 * day })
    assert.equal(later.stored('es'), 0)
    await later.close()
  })

  it('leave alone what is not theirs', async () => {
    const store = await open()
    await store.forSink('es', onLeft).write([letter('a')])
    await store.close()
    await writeFile(join(directory, 'es/notes.txt'), 'mine')
    await writeFile(join(directory, 'README'), 'mine')
    await writeFile(join(directory, 'es/001.ndjson.bak'), 'mine')
    const again = await open()
    assert.equal(again.stored('es'), 1)
    assert.equal((await readdir(join(directory, 'es'))).length, 3)
    await again.close()
  })

  it('count lines that cannot be read, and keep them', async () => {
    const store = await open()
    await store.forSink('es', onLeft).write([letter('a')])
    await store.close()
    await writeFile(join(directory, 'es/002.ndjson'), 'rubbish\n{"id":"b"}\n')
    const again = await open()
    assert.equal(again.stored('es'), 3)
    await again.close()
  })

  it('never follow a link', async () => {
    const store = await open()
    await store.forSink('es', onLeft).write([letter('a')])
    await store.close()
    const target = join(directory, '../elsewhere')
    await writeFile(target, 'not ours')
    await symlink(target, join(directory, 'es/002.ndjson'))
    const again = await open()
    await assert.rejects(async () => {
      await rm(join(directory, 'es/001.ndjson'))
      const fresh = await open()
      await symlink(target, join(directory, 'es/001.ndjson')).catch(() => undefined)
      await fresh.forSink('es', onLeft).write([letter('b')])
      await fresh.close()
    })
    assert.equal(await readFile(target, 'utf8'), 'not ours')
    await again.close()
  })

  it('of two sinks written at once do not disturb each other', async () => {
    const store = await open()
    const es = store.forSink('es', onLeft)
    const loki = store.forSink('loki', onLeft)
    const numbers = Array.from({ length: 30 }, (_, index) => index)
    await Promise.all(
      numbers.flatMap((index) => [es.write([letter(`e${index}`)]), loki.write([letter(`l${index}`)])]),
    )
    assert.equal((await ids()).length, 30)
    assert.equal((await ids('loki')).length, 30)
    await store.close()
  })
})

describe('letters that are taken out', () => {
  it('leave beside the sink that writes, are counted by source, and may come again', async () => {
    const store = await open()
    const letters = store.forSink('es', onLeft)
    await letters.write([letter('a'), letter('b', 'x', 'web'), letter('c')])
    const [path] = store.paths('es')
    const purged = await store.purge('es', path!, ({ source }) => source === 'app')
    assert.deepEqual([...purged.left], [['app', 2]])
    assert.deepEqual(left, ['app 2 purged'])
    assert.deepEqual([store.stored('es'), [...letters.bySource()]], [1, [['web', 1]]])
    const line = Buffer.from(JSON.stringify({ ...letter('b', 'x', 'web'), reason: 'refused' }))
    await store.rewrite('es', path!, () => line)
    // The same event once more: its letter is not there any longer.
    await letters.write([letter('a'), letter('b', 'x', 'web')])
    assert.equal(store.stored('es'), 2)
    const texts = (await readFile(path!, 'utf8')).trim().split('\n')
    assert.deepEqual(
      texts.map((text) => JSON.parse(text).reason),
      ['refused', 'mapping'],
    )
    await store.rewrite('es', path!, () => 'leaves')
    assert.deepEqual([store.stored('es'), store.paths('es'), store.sinks()], [0, [], []])
    const nothing = await store.rewrite('es', path!, () => 'leaves')
    assert.equal(nothing.left.size, 0)
    await letters.write([letter('d')])
    await store.close()
    const again = await open()
    assert.equal(again.stored('es'), 1)
    await again.close()
  })

  it('stay where the disk cannot hold what is written anew, and all goes on', async () => {
    const store = await open({ fileSystem: faulty({ write: [systemError('ENOSPC')] }) })
    await store.close()
    const plain = await open()
    await plain.forSink('es', onLeft).write([letter('a'), letter('b')])
    await plain.close()
    const full = await open({ fileSystem: faulty({ write: [systemError('ENOSPC')] }) })
    const [path] = full.paths('es')
    await assert.rejects(
      full.rewrite('es', path!, ({ id }) => (id === 'a' ? 'leaves' : 'stays')),
      /ENOSPC/,
    )
    assert.equal(full.stored('es'), 2)
    assert.deepEqual(await readdir(join(directory, 'es')), ['001.ndjson'])
    await full.forSink('es', onLeft).write([letter('c')])
    assert.equal(full.stored('es'), 3)
    await full.close()
  })
  it('are out and counted though the folder cannot be synced, and what is refused next can be read', async () => {
    const plain = await open()
    await plain.forSink('es', onLeft).write([letter('a'), letter('b')])
    await plain.close()
    const store = await open({ fileSystem: faulty({ syncDirectory: [systemError('EIO')] }) })
    const letters = store.forSink('es', onLeft)
    const [path] = store.paths('es')
    await store.purge('es', path!, ({ id }) => id === 'a')
    assert.deepEqual([left, store.stored('es')], [['app 1 purged'], 1])
    await letters.write([letter('c')])
    await store.close()
    const texts = (await readFile(path!, 'utf8')).trim().split('\n')
    assert.deepEqual(
      texts.map((text) => JSON.parse(text).id),
      ['b', 'c'],
    )
  })
})
