import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { assertAddsUp, getFromAdmin } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { mountTmpfs, unmount } from '../support/mount.ts'
import { scaled } from './harness/scale.ts'
import { scenario } from './harness/scenario.ts'
import {
  cursorPaths,
  inflict,
  letterPaths,
  segmentPaths,
  straceMissing,
  traced,
  watchable,
} from './harness/strace.ts'
import type { TortureRig } from './harness/torture-rig.ts'

const skip = straceMissing
const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
const rounds = scaled({ short: 4, full: 12, long: 40 })

/** Writes a few lines at a time, each once those before have arrived, so that the disk is asked again and again. */
async function writeRounds(rig: TortureRig, count = rounds): Promise<void> {
  const app = rig.writers[0] ?? rig.file('app.log')
  for (let round = 0; round < count; round++) {
    app.write(20)
    if (round % 3 === 2) app.rotateNumbered()
    await rig.arrived()
  }
}

const health = async (rig: TortureRig): Promise<string> => (await getFromAdmin(rig.agent!, '/health')).body

/** The agent says in its log, in /health and in /status that the buffer cannot be written; and later, that it can. */
async function saysSo(rig: TortureRig, state: string): Promise<void> {
  const isSaid = async (): Promise<boolean> => {
    // Something to write, or nobody asks the disk.
    rig.writers[0]!.write(1)
    return (await rig.status()).buffer.state === state
  }
  await until(isSaid, `the state is ${state}`)
  assert.match(await health(rig), /"status":"(degraded|unhealthy)"/)
  assert.match(rig.agent!.stderr, /the buffer cannot be written/)
}

async function recovers(rig: TortureRig): Promise<void> {
  await until(async () => (await rig.status()).buffer.state === 'ok', 'the buffer takes events again')
  assert.match(await health(rig), /"buffer":{"status":"healthy"/)
}

scenario(
  'STO-EIO-FSYNC',
  'fdatasync of segments fails four times: what it held is written again elsewhere, reading waits and goes on by itself',
  { skip },
  async (rig) => {
    const inject = ['fdatasync:error=EIO:when=4..7']
    await rig.start(traced({ paths: segmentPaths(rig.dataDir), inject }))
    await writeRounds(rig, 1)
    await saysSo(rig, 'failing')
    await recovers(rig)
    assert.match(rig.agent!.stderr, /a segment failed; what it held unsynced was written again/)
    await writeRounds(rig)
    // Killed, so that what the next start finds is what was written again, not what a good stop tidied up.
    rig.writers[0]!.write(20)
    await rig.kill()
  },
)

for (const [code, state] of [
  ['EIO', 'failing'],
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EROFS', 'failing'],
] as const) {
  scenario(
    `STO-${code}-WRITE`,
    `writes to segments fail with ${code} for some seconds: it says so, reading waits and goes on by itself`,
    { skip, from: code === 'ENOSPC' ? 'short' : 'full' },
    async (rig) => {
      // A full disk is asked more than once a second, by the roll that would free a segment too.
      const inject = [`pwrite64:error=${code}:when=4..${state === 'disk_full' ? 15 : 8}`]
      await rig.start(traced({ paths: segmentPaths(rig.dataDir), inject }))
      await writeRounds(rig, 2)
      rig.writers[0]!.write(500)
      await saysSo(rig, state)
      await recovers(rig)
      await writeRounds(rig, 2)
    },
  )
}

scenario(
  'STO-ENOSPC-CK',
  'cursors cannot be saved for a while: the old ones are kept, delivery goes on, and a kill meanwhile loses nothing',
  { skip, from: 'full' },
  async (rig) => {
    const paths = ['es', 'loki'].flatMap((sink) => cursorPaths(rig.dataDir, sink))
    await rig.start(traced({ paths, inject: ['pwrite64:error=ENOSPC:when=7+'] }))
    await writeRounds(rig)
    await until(() => /cursor/.test(rig.agent!.stderr), 'the log speaks of the cursor')
    await rig.kill()
    await rig.start(traced({ paths, inject: ['fdatasync:error=EIO:when=1..4'] }))
    await writeRounds(rig)
  },
)

scenario(
  'STO-EIO-RENAME',
  'the first cursor cannot get its name: the start says so and ends, and the next one begins as if nothing had been',
  { skip, from: 'full' },
  async (rig) => {
    rig.file('app.log').write(50)
    const paths = ['es', 'loki'].flatMap((sink) => cursorPaths(rig.dataDir, sink))
    for (const code of ['ENOSPC', 'EIO']) {
      const agent = rig.spawn([], traced({ paths, inject: [`rename:error=${code}:when=1+`] }))
      assert.equal((await agent.exited).code, 1, agent.stderr)
      assert.match(agent.stderr, new RegExp(code))
      rig.agent = undefined
    }
    assert.equal(rig.storedCount('es'), 0)
    await rig.start()
    await rig.arrived()
  },
)

scenario(
  'STO-ENOSPC-DL',
  'a dead letter cannot be written: its sink holds and says so, the other goes on, and the letter is there once it can',
  { skip },
  async (rig) => {
    const inject = ['pwrite64:error=ENOSPC:when=1..3', 'fdatasync:error=EIO:when=1..2']
    await rig.start(traced({ paths: letterPaths(rig.dataDir, 'es'), inject }))
    const members = (sequence: number): string => ['"n":1', '"n":{"x":1}'][sequence] ?? ''
    const app = rig.file('app.log', { members })
    app.write(100)
    await until(
      async () => /dead letter/i.test((await rig.status()).sinks['es']!.last_error ?? ''),
      'es says so',
    )
    await until(() => rig.storedCount('loki') === 100, 'loki goes on')
    await until(
      async () => (await rig.status()).ledger['app']!.sinks['es']!.dead_lettered === 1,
      'it is written',
    )
    return { es: { lost: '1 app.log-1' }, deadLettered: 1 }
  },
)

scenario(
  'STO-EIO-READ',
  'a log file cannot be read for a while: the others go on, and so does it afterwards',
  { skip, from: 'full', include: ['*.log'] },
  async (rig) => {
    const [bad, good] = [rig.file('bad.log'), rig.file('good.log')]
    await rig.start(traced({ paths: [bad.path], inject: ['pread64:error=EIO:when=2..6'] }))
    for (let round = 0; round < rounds; round++) {
      bad.write(10)
      good.write(10)
      await until(
        () => rig.stored().es.filter((line) => line.includes('good.log-')).length === good.written,
        'good',
      )
    }
    await rig.arrived()
    assert.match(rig.agent!.stderr, /EIO/)
  },
)

scenario(
  'STO-EIO-READ-BUFFER',
  'segments cannot be read for a while: nothing is taken for damaged, it says so, and delivery goes on by itself',
  { skip, from: 'full', elasticsearch: { max_in_flight: 1 }, loki: { max_in_flight: 1 } },
  async (rig) => {
    // More than both sinks may hold in memory (`limits.waitingBatchBytes`), or nothing would be asked of the disk.
    const app = rig.file('app.log', { pad: 4000 })
    await rig.sinksDown()
    await rig.start()
    app.write(10_000)
    await until(
      async () => (await rig.status()).ledger['app']?.read_events === 10_000,
      'all is in the buffer',
    )
    await rig.stop()
    // The buffer alone holds the lines: what cannot be read from it can be read nowhere.
    app.truncate()
    const agent = await rig.start(watchable)
    const recover = await inflict(agent.child.pid!, {
      paths: segmentPaths(rig.dataDir),
      inject: ['pread64:error=EIO'],
    })
    await rig.sinksUp()
    for (const sink of rig.sinks) {
      const trouble = async (): Promise<string> => (await rig.status()).sinks[sink]!.last_error ?? ''
      await until(async () => (await trouble()).includes('buffer_read: Error: EIO'), `${sink} says so`)
      assert.equal((await rig.status()).sinks[sink]!.state, 'retrying')
    }
    assert.match(agent.stderr, /the buffer cannot be read, it is tried again/)
    assert.match(await health(rig), /fails for .*EIO/)
    // Longer than a second, after which it is tried again; a sector is given up after half a minute only.
    const again = Date.now() + 3000
    await until(() => Date.now() > again, 'it was tried again')
    const status = await rig.status()
    assertAddsUp(status)
    for (const sink of rig.sinks) {
      assert.ok(rig.storedCount(sink) < rig.written, 'the rest waits')
      assert.deepEqual(status.ledger['app']!.sinks[sink]!.dropped, {})
    }
    await recover()
    await rig.arrived()
    for (const sink of rig.sinks)
      await until(async () => (await rig.status()).sinks[sink]!.state === 'ok', `${sink} is well`)
  },
)

scenario(
  'STO-EIO-START',
  'segments cannot be read at the start: for good, it ends with the reason and changes nothing; for seconds, it waits; nothing is missing',
  { skip, from: 'full' },
  async (rig) => {
    const app = rig.file('app.log', { pad: 400 })
    await rig.sinksDown()
    await rig.start()
    app.write(2000)
    await until(async () => (await rig.status()).ledger['app']?.read_events === 2000, 'all is in the buffer')
    // Killed, so that the checkpoints are in the records; and the buffer alone holds the lines.
    await rig.kill()
    app.truncate()
    await rig.sinksUp()
    const paths = segmentPaths(rig.dataDir)
    const held = (): string[] => paths.filter((path) => existsSync(path)).map((path) => digestOf(path))
    const before = held()
    const refused = rig.spawn([], traced({ paths, inject: ['pread64:error=EIO'] }))
    assert.equal((await refused.exited).code, 1, refused.stderr)
    assert.match(refused.stderr, /cannot be read, .*\.seg: EIO/)
    assert.deepEqual(held(), before)
    rig.agent = undefined
    // The first tries, once a second after these, are refused.
    const agent = await rig.start(traced({ paths, inject: ['pread64:error=EIO:when=1..6'] }))
    assert.match(agent.stderr, /the disk refuses to read; it is tried again each second/)
    assert.match(agent.stderr, /the disk reads again/)
    assert.doesNotMatch(agent.stderr, /damaged/)
    app.write(100)
    await rig.arrived()
    const status = await rig.status()
    assertAddsUp(status)
    assert.equal(status.ledger['app']!.read_events, 2100)
    for (const sink of rig.sinks) assert.deepEqual(status.ledger['app']!.sinks[sink]!.dropped, {})
  },
)

scenario(
  'STO-EINTR',
  'every seventh call on the disk is interrupted, and every ninth write has to be made again later',
  { skip, from: 'full' },
  async (rig) => {
    const calls = ['pwrite64', 'ftruncate', 'fsync', 'fdatasync', 'pread64']
    const inject = calls.map((call) => `${call}:error=EINTR:when=3+7`)
    const paths = [...segmentPaths(rig.dataDir), rig.path('app.log'), rig.path('app.log.1')]
    await rig.start(traced({ paths, inject }))
    await writeRounds(rig)
    await rig.stop()
    await rig.start(traced({ paths, inject: ['pwrite64:error=EAGAIN:when=3+9'] }))
    await writeRounds(rig)
  },
)

scenario(
  'CK-OLD',
  'an older copy of the cursors, then of the whole data_dir, takes their place: sent again, stored once',
  { from: 'full' },
  async (rig) => {
    const [cursors, copy] = [join(rig.dataDir, 'cursors'), join(rig.folder, 'copy')]
    await rig.start()
    await writeRounds(rig, 2)
    await rig.stop()
    cpSync(rig.dataDir, copy, { recursive: true })
    await rig.start()
    await writeRounds(rig, 2)
    await rig.stop()
    rmSync(cursors, { recursive: true })
    cpSync(join(copy, 'cursors'), cursors, { recursive: true })
    await rig.start()
    await writeRounds(rig, 1)
    await rig.kill()
    rmSync(rig.dataDir, { recursive: true })
    cpSync(copy, rig.dataDir, { recursive: true })
  },
)

scenario(
  'STO-EMPTYSTATE',
  'every file of data_dir is cut to nothing after a kill, the logs are there: all of it again',
  { from: 'full' },
  async (rig) => {
    const app = rig.file('app.log')
    app.write(200)
    app.rotateNumbered()
    app.write(100)
    await rig.sinksDown()
    await rig.start()
    await until(async () => (await rig.status()).ledger['app']?.read_events === 300, 'all is in the buffer')
    await rig.kill()
    for (const name of readdirSync(rig.dataDir, { recursive: true, encoding: 'utf8' }))
      if (/\.(seg|cursor|key)$|lock$/.test(name)) truncateSync(join(rig.dataDir, name))
    await rig.sinksUp()
  },
)

scenario(
  'STO-VANISH',
  'data_dir is removed while the agent runs: it says so, reads no further, and the next start takes all that is left',
  {},
  async (rig) => {
    const app = rig.file('app.log')
    app.write(100)
    // Nothing is delivered before: what a new data_dir does not know of would come twice.
    await rig.sinksDown()
    await rig.start()
    await until(async () => (await rig.status()).ledger['app']?.read_events === 100, 'all is in the buffer')
    rmSync(rig.dataDir, { recursive: true })
    await saysSo(rig, 'failing')
    const { read_events } = (await rig.status()).ledger['app']!
    app.write(100)
    await until(async () => (await rig.status()).files[0]!.lag_bytes > 5000, 'it sees more than it reads')
    assert.equal((await rig.status()).ledger['app']!.read_events, read_events)
    await rig.kill()
    await rig.sinksUp()
  },
)

scenario(
  'STO-ENOSPC',
  'data_dir on a disk of 8 MiB, sinks down, twice as much to read: reading stops, says so, and all comes once they are up',
  { from: 'full' },
  async (rig) => {
    const app = rig.file('app.log', { pad: 500 })
    if (!mountTmpfs(rig.dataDir, 8 * 2 ** 20)) return
    rig.cleanups.push(() => unmount(rig.dataDir))
    await rig.sinksDown()
    await rig.start()
    for (let block = 0; block < 12; block++) {
      app.write(2000)
      if (block % 3 === 2) app.rotateNumbered()
    }
    await saysSo(rig, 'disk_full')
    await rig.kill()
    await rig.start()
    await saysSo(rig, 'disk_full')
    await rig.sinksUp()
    await rig.arrived()
    await recovers(rig)
  },
)

scenario(
  'STO-EIO-UNLINK',
  'settled segments cannot be removed for a while: they are kept and counted, and go later',
  { skip, from: 'full', config: { buffer: { max_bytes: '4MiB' } } },
  async (rig) => {
    const app = rig.file('app.log', { pad: 1000 })
    await rig.start(traced({ paths: segmentPaths(rig.dataDir), inject: ['unlink:error=EIO:when=1..4'] }))
    for (let block = 0; block < 10; block++) {
      app.write(1000)
      await rig.arrived()
    }
    // From the sweep of each second, or from an append that needs the room: whoever comes first.
    await until(() => /EIO.*unlink/.test(rig.agent!.stderr), 'it says so')
    await until(async () => (await rig.status()).buffer.bytes < 3 * 2 ** 20, 'they are gone')
  },
)
