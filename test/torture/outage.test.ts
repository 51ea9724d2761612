import assert from 'node:assert/strict'
import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertAddsUp } from '../support/agent-rig.ts'
import type { SinkRow, Status } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import type { CountedFile } from './harness/counted-file.ts'
import { few } from '../support/tally.ts'
import { scaled } from './harness/scale.ts'
import type { Ending } from './harness/scenario.ts'
import { scenario } from './harness/scenario.ts'
import { isWell, openDoors } from './harness/sickness.ts'
import type { SinkName } from './harness/sickness.ts'
import type { TortureRig } from './harness/torture-rig.ts'
import { memoryOf } from './harness/watch.ts'

const small = { buffer: { max_bytes: '8MiB' } }
/** Lines of about 1.1 kB: three times the buffer, and more in the longer runs. */
const lines = scaled({ short: 24_000, full: 48_000, long: 240_000 })
const pad = 1000
const lokiBatch = 100
const batch = { max_wait: '20ms', max_events: lokiBatch }

const rowOf = (status: Status, sink: SinkName): SinkRow => status.ledger['app']!.sinks[sink]!

/** A week in blocks, rotated between them; the ledger is asked after each one. */
async function week(rig: TortureRig, app: CountedFile): Promise<void> {
  for (let block = 0; block < 12; block += 1) {
    app.write(lines / 12)
    if (block % 4 === 3) app.rotateNumbered()
    const status = await rig.status()
    assertAddsUp(status)
    assert.ok(status.buffer.bytes <= status.buffer.max_bytes, `${status.buffer.bytes} bytes of buffer`)
  }
}

/** Waits, and lets the ledger add up at every look meanwhile. */
const eventually = (rig: TortureRig, what: string, holds: (status: Status) => boolean): Promise<void> =>
  until(
    async () => {
      const status = await rig.status()
      assertAddsUp(status)
      return holds(status)
    },
    what,
    120_000,
  )

const isAllRead =
  (rig: TortureRig) =>
  (status: Status): boolean =>
    status.ledger['app']!.read_events === rig.written
const isFull = (status: Status): boolean => status.buffer.state === 'full'
const isDone =
  (rig: TortureRig, sink: SinkName) =>
  (status: Status): boolean =>
    isAllRead(rig)(status) && rowOf(status, sink).in_buffer === 0

/** The oldest of a single writer, as a verdict names them. */
const oldest = (rig: TortureRig, count: number): string => few(rig.uids().slice(0, count))

const areBothDone =
  (rig: TortureRig) =>
  (status: Status): boolean =>
    isDone(rig, 'es')(status) && isDone(rig, 'loki')(status)

/** What Elasticsearch, that is away, has not taken fills the buffer, and Loki has all that was read of it. */
async function filledByElasticsearch(rig: TortureRig): Promise<Status> {
  await eventually(rig, 'the buffer is full', isFull)
  await eventually(
    rig,
    'the other sink has all that was read',
    (status) => rowOf(status, 'loki').in_buffer === 0,
  )
  return rig.status()
}

scenario(
  'SNK-WEEK',
  'block: one sink is dead, reading stops at a full buffer, the rotated files wait, and nothing is lost at either',
  { from: 'full', config: small },
  async (rig) => {
    const app = rig.file('app.log', { pad })
    await rig.sinkDown('es')
    await rig.start()
    await week(rig, app)
    const { read_events: read, sinks } = (await filledByElasticsearch(rig)).ledger['app']!
    assert.ok(read < rig.written, `${read} of ${rig.written} lines were read`)
    assert.equal(sinks['loki']!.acknowledged, read)
    assert.equal(sinks['es']!.in_buffer, read)
    await rig.sinkUp('es')
    const began = performance.now()
    await eventually(rig, 'all is sent', areBothDone(rig))
    rig.note(`${read} lines in the full buffer, ${rate(lines, began)} lines/s after it`)
  },
)

for (const other of ['block', 'drop_oldest'] as const) {
  scenario(
    'SNK-WEEK',
    `drop_oldest: one sink is dead and loses its oldest lines, counted to the line; the other one (${other}) gets all`,
    { from: 'full', config: small, elasticsearch: { when_full: 'drop_oldest' }, loki: { when_full: other } },
    async (rig) => {
      const app = rig.file('app.log', { pad })
      await rig.sinkDown('es')
      await rig.start()
      for (let block = 0; block < 12; block += 1) {
        app.write(lines / 12)
        if (block % 4 === 3) app.rotateNumbered()
        // A sink that drops as well has to keep up, or it would lose its own oldest lines.
        await eventually(rig, 'the other sink keeps up', isDone(rig, 'loki'))
      }
      const dropped = rowOf(await rig.status(), 'es').dropped['buffer_full'] ?? 0
      assert.ok(dropped > lines / 3, `${dropped} lines dropped`)
      await rig.sinkUp('es')
      await eventually(rig, 'what was kept is sent', isDone(rig, 'es'))
      const end = await rig.status()
      assert.deepEqual(rowOf(end, 'loki').dropped, {})
      assert.deepEqual(rowOf(end, 'es').dropped, { buffer_full: dropped })
      assert.equal(rowOf(end, 'es').acknowledged, rig.written - dropped)
      rig.note(`${dropped} dropped`)
      return { es: { lost: oldest(rig, dropped) }, dropped: { buffer_full: dropped } }
    },
  )
}

scenario(
  'SNK-WEEK',
  'a dead sink that blocks and a slow one that may drop: while the first holds the buffer nobody drops',
  { from: 'full', config: small, loki: { when_full: 'drop_oldest' } },
  async (rig) => {
    const doors = await openDoors(rig, { loki: { when_full: 'drop_oldest', batch, max_in_flight: 1 } })
    doors.loki.meets(async (exchange) => {
      await sleep(20)
      exchange.answer(await exchange.pass())
    })
    const app = rig.file('app.log', { pad })
    await rig.sinkDown('es')
    await rig.start()
    await week(rig, app)
    const status = await filledByElasticsearch(rig)
    assert.ok(status.ledger['app']!.read_events < rig.written)
    assert.deepEqual(rowOf(status, 'loki').dropped, {})
    assert.deepEqual(rowOf(status, 'es').dropped, {})
    doors.loki.meets(undefined)
    await rig.sinkUp('es')
    await eventually(rig, 'all is sent', areBothDone(rig))
    // Now only the one that may drop holds the buffer: files are read as fast as they can be, and it is not as fast.
    return afterDrops(rig, 0)
  },
)

scenario(
  'SNK-WEEK',
  'both drop, one dead and one too slow: each loses its own oldest lines, and each count is exact',
  { config: small, elasticsearch: { when_full: 'drop_oldest' } },
  async (rig) => {
    const doors = await openDoors(rig, {
      es: { when_full: 'drop_oldest' },
      loki: { when_full: 'drop_oldest', batch, max_in_flight: 1 },
    })
    doors.loki.meets(async (exchange) => {
      await sleep(100)
      exchange.answer(await exchange.pass())
    })
    doors.es.meets(({ response }) => void response.writeHead(503).end())
    const app = rig.file('app.log', { pad })
    await rig.start()
    await week(rig, app)
    await eventually(rig, 'all is read', isAllRead(rig))
    doors.loki.meets(undefined)
    doors.es.meets(undefined)
    await eventually(rig, 'what was kept is sent', areBothDone(rig))
    const end = await rig.status()
    const es = rowOf(end, 'es').dropped['buffer_full'] ?? 0
    const loki = rowOf(end, 'loki').dropped['buffer_full'] ?? 0
    assert.ok(loki > 0 && es > loki, `${es} and ${loki} dropped`)
    rig.note(`${es} dropped at the dead one`)
    return { ...(await afterDrops(rig, es)), es: { lost: oldest(rig, es) } }
  },
)

/**
 * What Loki, as a sink that drops, lacks is what was dropped there, but for requests that were given up with their
 * segment and that the server stored all the same: one batch for each segment at most.
 */
async function afterDrops(rig: TortureRig, elsewhere: number): Promise<Ending> {
  const dropped = rowOf(await rig.status(), 'loki').dropped['buffer_full'] ?? 0
  const late = rig.storedCount('loki') - (rig.written - dropped)
  const segments = readdirSync(join(rig.dataDir, 'buffer')).map((name) => Number.parseInt(name))
  const most = Math.max(...segments.filter(Number.isFinite)) * lokiBatch
  assert.ok(late >= 0 && late <= most, `${late} lines were dropped and are there, of at most ${most}`)
  const { lost } = rig.verdicts()['loki']!
  assert.equal(Number.parseInt(lost), dropped - late)
  rig.note(`${dropped} dropped at the slow one, ${late} of them stored late`)
  const all = dropped + elsewhere
  return { loki: { lost }, late, ...(all > 0 && { dropped: { buffer_full: all } }) }
}

const rate = (count: number, sinceMs: number): number =>
  Math.round(count / ((performance.now() - sinceMs) / 1000))

const outageMs = scaled({ short: 3000, full: 12_000, long: 60_000 })
const perSecond = 5000

scenario(
  'SNK-OUTAGE',
  'connections are refused while 5,000 lines a second come: memory stays, and all of it is caught up in order',
  {},
  async (rig) => {
    const app = rig.file('app.log', { pad: 200 })
    await rig.start()
    app.write(perSecond)
    await rig.arrived()
    const pid = rig.agent!.child.pid!
    const before = memoryOf(pid, 'VmRSS')
    await rig.sinksDown()
    const began = performance.now()
    const first = app.written
    while (performance.now() - began < outageMs) {
      const due = first + Math.floor(((performance.now() - began) / 1000) * perSecond)
      appendFileSync(app.path, app.lines(due - app.written))
      await sleep(20)
    }
    const came = rate(app.written - first, began)
    await eventually(rig, 'all is read', isAllRead(rig))
    const grown = memoryOf(pid, 'VmRSS') - before
    const backlog = rowOf(await rig.status(), 'es').in_buffer
    await rig.sinksUp()
    const back = performance.now()
    await rig.arrived()
    rig.note(
      `${came} lines/s came, a backlog of ${backlog} was caught up at ${rate(backlog, back)} lines/s to both sinks, ` +
        `memory grew by ${Math.round(grown / 2 ** 20)} MiB`,
    )
    for (const sink of ['es', 'loki'] as const) await isWell(rig, sink, 'caught up')
  },
)

scenario(
  'SNK-OUTAGE',
  'the sinks come and go at random while lines come: every line is there once, and the ledger adds up at every look',
  { from: 'full' },
  async (rig) => {
    const app = rig.file('app.log', { pad: 200 })
    await rig.start()
    for (let round = 0; round < 20; round += 1) {
      const sink = round % 2 === 0 ? 'es' : 'loki'
      await rig.sinkDown(sink)
      for (let block = 0; block < 10; block += 1) {
        app.write(100)
        assertAddsUp(await rig.status())
      }
      if (round % 5 === 4) app.rotateNumbered()
      await rig.sinkUp(sink)
      if (round % 3 === 2) await rig.arrived()
    }
    await rig.arrived()
  },
)
