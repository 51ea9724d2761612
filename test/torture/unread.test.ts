import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { until } from '../support/fake-clock.ts'
import type { CountedFile } from './harness/counted-file.ts'
import { few } from '../support/tally.ts'
import { scenario } from './harness/scenario.ts'
import type { TortureRig } from './harness/torture-rig.ts'

const outside = { include: ['app.log'] }

// What was cut, deleted or moved before it was read: saved where it can be, counted where it was seen, and nothing else.

/** So many lines of app.log were shipped, and the agent is stopped. */
async function shippedAndStopped(rig: TortureRig, lines: number): Promise<CountedFile> {
  const app = rig.file('app.log')
  app.write(lines)
  await rig.start()
  await rig.arrived()
  await rig.stop()
  return app
}

// Truncation ---------------------------------------------------------------------------------------------------------

scenario(
  'ROT-TRUNC-ZERO',
  'truncated to nothing and, once that was seen, the same bytes again: both generations come',
  { ...outside, from: 'full' },
  async (rig) => {
    const app = rig.file('app.log')
    const text = app.lines(200)
    writeFileSync(app.path, text)
    await rig.start()
    await rig.arrived()
    app.truncate()
    // In one tick nobody could tell it from a file that was not touched: the same inode, size and bytes.
    await until(async () => (await rig.status()).files[0]?.offset === 0, 'the truncation is seen')
    appendFileSync(app.path, text)
    await until(() => rig.storedCount('es') === 400, 'both generations are there')
    await until(() => rig.loki.repeated === 200, 'Loki has got both')
    // Two documents for each line: ids are of the generation. Loki has equal entries once.
    return { es: { doubled: few(app.uids()) }, readTwice: 200, unitedByLoki: 200 }
  },
)

scenario(
  'ROT-TRUNC-PREFIX',
  'stopped, truncated, written anew with the same first 2 kB and longer than before: all of it arrives',
  { ...outside, from: 'full' },
  async (rig) => {
    const app = rig.file('app.log')
    // Blank lines are no events, but they are bytes: the beginning is the same.
    const head = '\n'.repeat(2048)
    writeFileSync(app.path, head + app.lines(100))
    await rig.start()
    await rig.arrived()
    await rig.stop()
    app.truncate()
    writeFileSync(app.path, head + app.lines(300))
    await rig.start()
    await rig.arrived()
  },
)

/** A sink that takes nothing and a buffer that is full: reading stands in the middle of the file. */
const smallBuffer = { config: { buffer: { max_bytes: '4MiB' } } }

async function untilReadingStands(rig: TortureRig): Promise<void> {
  await until(async () => (await rig.status()).buffer.state === 'full', 'the buffer is full')
}

/** 9 MB that come in one moment. */
function bigFile(rig: TortureRig): { app: CountedFile; text: string } {
  const app = rig.file('app.log', { pad: 900 })
  const text = app.lines(9000)
  writeFileSync(rig.path('new'), text)
  renameSync(rig.path('new'), app.path)
  return { app, text }
}

scenario(
  'ROT-TRUNC-UNREAD',
  'truncated with megabytes that were seen and not read: counted as lost, to the byte',
  { ...outside, ...smallBuffer },
  async (rig) => {
    const { app, text } = bigFile(rig)
    await rig.sinksDown()
    await rig.start()
    await untilReadingStands(rig)
    app.truncate()
    await rig.sinksUp()
    const lost = async (): Promise<number> => (await rig.status()).ledger['app']?.lost_bytes['truncated'] ?? 0
    await until(async () => (await lost()) > 0, 'the loss is counted')
    const lostBytes = { truncated: await lost() }
    // What is missing is what stands behind the last byte that was read: as many bytes as are counted, whole lines.
    const read = text.slice(0, -lostBytes.truncated).split('\n')
    assert.equal(read.pop(), '')
    const missing = app.uids().slice(read.length)
    await rig.arrived(read.length)
    return { es: { lost: few(missing) }, loki: { lost: few(missing) }, unread: missing.length, lostBytes }
  },
)

scenario(
  'ROT-DELETE-UNREAD',
  'deleted with megabytes unread while the sinks are down: read to its end by the descriptor',
  { ...outside, ...smallBuffer, from: 'full' },
  async (rig) => {
    const { app } = bigFile(rig)
    await rig.sinksDown()
    await rig.start()
    await untilReadingStands(rig)
    rmSync(app.path)
    app.write(100)
    await rig.sinksUp()
    await rig.arrived()
  },
)

scenario(
  'ROT-MOVE-UNREAD',
  'moved to another directory with megabytes unread: read to its end by the descriptor',
  { ...outside, ...smallBuffer, from: 'full' },
  async (rig) => {
    const { app } = bigFile(rig)
    await rig.sinksDown()
    await rig.start()
    await untilReadingStands(rig)
    mkdirSync(rig.path('old'))
    app.renameTo(rig.path('old/app.log'))
    app.write(100)
    await rig.sinksUp()
    await rig.arrived()
  },
)

// While no agent runs ------------------------------------------------------------------------------------------------

scenario(
  'ROT-DOWN',
  'two chain rotations while stopped: all of it arrives, the oldest file first',
  { elasticsearch: { max_in_flight: 1 } },
  async (rig) => {
    const app = await shippedAndStopped(rig, 500)
    for (let i = 0; i < 2; i++) {
      app.write(700)
      app.rotateNumbered()
    }
    app.write(700)
    await rig.start()
    await rig.arrived()
    // In the order of arrival, not of time.
    const sequence = rig.elasticsearch
      .documents()
      .map(({ source }) => Number(/"uid":"app\.log-(\d+)"/.exec(source)?.[1]))
    assert.deepEqual(
      sequence,
      Array.from({ length: 2600 }, (_, i) => i),
    )
  },
)

scenario(
  'ROT-DOWN-OUT',
  'renamed out of the globs while stopped: found by what it holds, its rest arrives',
  { ...outside, from: 'full' },
  async (rig) => {
    const app = await shippedAndStopped(rig, 500)
    app.write(500)
    app.renameTo(rig.path('app.log.1'))
    app.write(500)
    await rig.start()
    await rig.arrived()
  },
)

scenario(
  'ROT-INODE',
  'deleted while stopped, a longer file gets the inode: read from its beginning',
  { ...outside, from: 'full' },
  async (rig) => {
    const app = await shippedAndStopped(rig, 500)
    const { ino } = statSync(app.path)
    rmSync(app.path)
    app.write(900)
    // Some file systems give an inode to the next file, others never again: then the truncated one has it.
    if (statSync(app.path).ino !== ino) app.write(1)
    await rig.start()
    await rig.arrived()
  },
)

for (const how of ['deleted', 'truncated and refilled', 'moved to another directory'] as const) {
  scenario(
    `ROT-DOWN-${how.split(' ')[0]!.toUpperCase()}`,
    `${how} while stopped with lines that nobody saw: those alone are missing, and no byte is called lost that was never seen`,
    { ...outside, from: 'full' },
    async (rig) => {
      const app = await shippedAndStopped(rig, 300)
      app.write(50)
      if (how === 'deleted') rmSync(app.path)
      else if (how === 'truncated and refilled') app.truncate()
      else {
        mkdirSync(rig.path('old'))
        app.renameTo(rig.path('old/app.log'))
      }
      app.write(500)
      await rig.start()
      await rig.arrived(800)
      // They were written after the last look and gone before the next: there is nothing left that could tell.
      const missing = few(app.uids().slice(300, 350))
      return { es: { lost: missing }, loki: { lost: missing }, unread: 50 }
    },
  )
}

scenario(
  'ROT-COPYTRUNC-GAP',
  'lines between the copy and the truncation, while stopped: those alone are missing (logrotate says so itself)',
  outside,
  async (rig) => {
    const app = await shippedAndStopped(rig, 300)
    app.write(50)
    copyFileSync(app.path, rig.path('app.log.1'))
    app.write(20)
    app.truncate()
    app.write(500)
    await rig.start()
    await rig.arrived(850)
    const missing = few(app.uids().slice(350, 370))
    return { es: { lost: missing }, loki: { lost: missing }, unread: 20 }
  },
)

scenario(
  'ROT-COPYTRUNC-GLOB',
  'copied and truncated, and the copies match the globs: nothing lost, a copy repeats what was read of its file',
  { from: 'full' },
  async (rig) => {
    const app = rig.file('app.log')
    app.write(20)
    await rig.start()
    for (let round = 0; round < 6; round++) {
      // Each once at the least: what copies repeat is not counted.
      await until(() => rig.verdicts()['es']!.lost === '0', 'all of it has arrived')
      app.write(30)
      copyFileSync(app.path, rig.path(`app.log.${round}`))
      app.truncate()
      app.write(20)
    }
    await until(async () => {
      const { files } = await rig.status()
      return files.length === 7 && files.every(({ lag_bytes }) => lag_bytes === 0)
    }, 'all copies are read')
    await rig.arrived()
    // How much that was is a question of the moment: between the 20 lines that had arrived and all 50 of each copy.
    await until(async () => {
      const { ledger } = await rig.status()
      return Object.values(ledger['app']!.sinks).every(({ in_buffer }) => in_buffer === 0)
    }, 'all is settled')
    const { es, loki } = rig.verdicts()
    const readTwice = Number.parseInt(es!.doubled)
    assert.ok(readTwice >= 6 * 20 && readTwice <= 6 * 50, `${readTwice} lines twice`)
    assert.equal(loki!.doubled, es!.doubled)
    return { es: { doubled: es!.doubled }, loki: { doubled: loki!.doubled }, readTwice }
  },
)
