import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../support/fake-clock.ts'
import { reaches, scaled } from './harness/scale.ts'
import { scenario } from './harness/scenario.ts'
import { segmentPaths, straceMissing, traced } from './harness/strace.ts'
import { TortureRig } from './harness/torture-rig.ts'

const isRead = (rig: TortureRig) => async (): Promise<boolean> =>
  (await rig.status()).ledger['app']?.read_events === rig.written

scenario(
  'CPU-STARVE',
  'stopped for longer than every timeout while it sends, again and again: nothing lost, nothing doubled',
  { from: 'full', elasticsearchFaults: { drip: 0.2 }, elasticsearch: { batch: { max_events: 50 } } },
  async (rig) => {
    const app = rig.file('app.log')
    await rig.start()
    for (let round = 0; round < scaled({ short: 1, full: 3, long: 10 }); round++) {
      for (let block = 0; block < 10; block++) app.write(50)
      await until(() => rig.storedCount('es') > round * 500, 'it sends')
      rig.agent!.child.kill('SIGSTOP')
      // No luck in it: this is how long the process gets no time, against a timeout of 1 s.
      await sleep(scaled({ short: 1500, full: 5000, long: 5000 }))
      rig.agent!.child.kill('SIGCONT')
      await rig.arrived()
      app.rotateNumbered()
    }
  },
)

const hour = 3_600_000
const clockModule = new URL('harness/shifted-clock.js', import.meta.url).href

scenario(
  'CLOCK-JUMPS',
  'the clock goes an hour back, a day on, and back again, while it runs and over a kill: nothing waits for it',
  { config: { buffer: { fsync: '100ms' } } },
  async (rig) => {
    const clock = join(rig.folder, 'clock')
    const env = { LOGFERRY_TORTURE_CLOCK: clock, NODE_OPTIONS: `--import ${clockModule}` }
    const setClock = (shiftMs: number): Promise<void> => {
      writeFileSync(clock, String(shiftMs))
      // Its own log tells that it has noticed.
      return until(async () => {
        rig.agent!.child.kill('SIGHUP')
        const time = [...rig.agent!.stderr.matchAll(/"time":"([^"]+)"/g)].at(-1)![1]!
        return Math.abs(Date.parse(time) - Date.now() - shiftMs) < hour / 4
      }, 'the clock has jumped')
    }
    const app = rig.file('app.log')
    await rig.start({ env })
    for (const shiftMs of [0, -hour, 24 * hour, 0]) {
      await setClock(shiftMs)
      app.write(100)
      app.rotateNumbered()
      app.write(20)
      await rig.arrived()
    }
    writeFileSync(clock, String(-hour))
    await rig.kill()
    await rig.start({ env })
    app.write(100)
    await rig.arrived()
  },
)

/** A pipe that nobody reads and that is full already. */
function fullPipe(path: string): number {
  assert.equal(spawnSync('mkfifo', [path]).status, 0)
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const page = Buffer.alloc(4096, 'x')
  try {
    for (;;) writeSync(fd, page)
  } catch {
    return fd
  }
}

scenario(
  'UNHANDLED-STDERR',
  'nobody reads its log, and the pipe is full: it ships all the same, and stops when it is told',
  { config: { log: { level: 'debug' } } },
  async (rig) => {
    const pipe = join(rig.folder, 'stderr')
    const fd = fullPipe(pipe)
    rig.spawn([], { through: (command) => ['sh', '-c', 'exec "$@" 2>"$0"', pipe, ...command] })
    const app = rig.file('app.log')
    for (let round = 0; round < 5; round++) {
      app.write(50)
      await rig.arrived()
    }
    // A failing sink makes it talk, about 200 bytes a line.
    await rig.sinksDown()
    app.write(50)
    await sleep(scaled({ short: 500, full: 5000, long: 20_000 }))
    await rig.sinksUp()
    await rig.arrived()
    await rig.stop()
    closeSync(fd)
  },
)

scenario(
  'UNHANDLED-STDOUT',
  'a console sink whose reader does not read holds up no other sink, nor the stop',
  { from: 'full' },
  async (rig) => {
    const config = JSON.parse(readFileSync(rig.configPath, 'utf8'))
    config.sinks.screen = { type: 'console' }
    writeFileSync(rig.configPath, JSON.stringify(config))
    const pipe = join(rig.folder, 'stdout')
    const fd = fullPipe(pipe)
    const app = rig.file('app.log')
    app.write(500)
    await rig.start({ through: (command) => ['sh', '-c', 'exec "$@" >"$0"', pipe, ...command] })
    await rig.arrived()
    app.write(500)
    await rig.arrived()
    await rig.stop()
    closeSync(fd)
  },
)

scenario(
  'OOM',
  'a heap of 48 MiB, sinks that are down, and many times that to read: the buffer takes it, memory does not grow',
  { from: 'full', config: { buffer: { max_bytes: '256MiB' } } },
  async (rig) => {
    const app = rig.file('app.log', { pad: 1000 })
    const thousands = scaled({ short: 8, full: 100, long: 150 })
    await rig.sinksDown()
    await rig.start({ env: { NODE_OPTIONS: '--max-old-space-size=48' } })
    for (let i = 0; i < thousands; i++) app.write(1000)
    await until(isRead(rig), 'all is in the buffer', 120_000)
    await rig.sinksUp()
    await rig.arrived()
    return { maxRssBytes: 280 * 2 ** 20 }
  },
)

const mebibyte = 2 ** 20

test(
  'RESTART-LOOP: with a large buffer a start reads one segment of it, however much there is, and sends at once',
  { skip: straceMissing || (!reaches('full') && 'in the full run') },
  async (context) => {
    const [bufferMiB, writtenMiB, segmentMiB] = scaled<[number, number, number]>({
      short: [64, 32, 4],
      full: [256, 160, 16],
      long: [1152, 1000, 32],
    })
    const rig = new TortureRig({ config: { buffer: { max_bytes: `${bufferMiB}MiB` } } })
    context.after(() => rig.close())
    await rig.sinksUp()
    const startMs = async (): Promise<number> => {
      const began = performance.now()
      await rig.start()
      const ms = performance.now() - began
      await rig.kill()
      return Math.round(ms)
    }
    const emptyMs = await startMs()
    await rig.sinksDown()
    const app = rig.file('app.log', { pad: 1000 })
    await rig.start()
    while (app.written * 1130 < writtenMiB * mebibyte) app.write(2000)
    await until(isRead(rig), 'all is in the buffer', 600_000)
    const { bytes } = (await rig.status()).buffer
    await rig.kill()
    const log = join(rig.folder, 'trace.log')
    // The cursors read in the older ones, as far as they get until the kill.
    const paths = segmentPaths(rig.dataDir)
    await rig.start(traced({ paths: paths.slice(Math.floor(paths.length / 2)), log }))
    await rig.kill()
    const read = [...readFileSync(log, 'latin1').matchAll(/pread64.* = (\d+)$/gm)]
    const readBytes = read.reduce((sum, [, count]) => sum + Number(count), 0)
    const fullMs: number[] = []
    for (let start = 0; start < scaled({ short: 1, full: 5, long: 20 }); start++) fullMs.push(await startMs())
    await rig.sinksUp()
    const began = performance.now()
    await rig.start()
    await until(() => rig.storedCount('es') > 0, 'the first lines arrive')
    const firstMs = Math.round(performance.now() - began)
    context.diagnostic(
      `RESTART-LOOP: ${Math.round(bytes / mebibyte)} MiB in the buffer, a start read ${Math.round(readBytes / 1024)} KiB of it; ` +
        `empty start ${emptyMs} ms, with the buffer ${Math.min(...fullMs)} to ${Math.max(...fullMs)} ms, first line delivered after ${firstMs} ms`,
    )
    assert.ok(bytes > writtenMiB * mebibyte)
    assert.ok(readBytes <= (segmentMiB + 2) * mebibyte, `a start read ${readBytes} bytes`)
  },
)
