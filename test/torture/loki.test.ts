import assert from 'node:assert/strict'
import { until } from '../support/fake-clock.ts'
import type { LokiFault } from '../support/fake-loki.ts'
import { uidOf } from './harness/counted-lines.ts'
import { isSettled, letters, metric, obituaries } from './harness/letters.ts'
import { scenario } from './harness/scenario.ts'
import { isWell, openDoors } from './harness/sickness.ts'
import type { TortureRig } from './harness/torture-rig.ts'

const hour = 3600_000
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString()
const status = (code: number, text: string): LokiFault => ({ kind: 'status', status: code, text })

/** The labels that each uid stands under. */
const labelsOf = (rig: TortureRig): Map<string | undefined, string> =>
  new Map(rig.loki.entries().map(({ line, labels }) => [uidOf(line), labels]))

scenario(
  'LOKI-260',
  'blocked ingestion and every other 2xx than 204 holds, however long, and goes on by itself',
  { from: 'full' },
  async (rig) => {
    const app = rig.file('app.log')
    await rig.start()
    for (const [code, text] of [
      [260, 'ingestion blocked for user fake until 2026-12-01T00:00:00Z with status code 260'],
      [200, ''],
      [202, 'queued'],
    ] as const) {
      rig.loki.faults.push(...Array.from({ length: 5 }, () => status(code, text)))
      app.write(40)
      await until(async () => (await rig.status()).sinks['loki']!.state === 'holding', `${code} holds`)
      assert.match((await rig.status()).sinks['loki']!.last_error ?? '', new RegExp(`HTTP ${code}`))
      await rig.arrived()
      await isWell(rig, 'loki', String(code))
      assert.equal(rig.loki.faults.length, 0)
    }
  },
)

scenario(
  'LOKI-400',
  'too old, too new and too far behind in one file: each is told and counted, its neighbours are stored once',
  { from: 'full', loki: { late: 'dead_letter' } },
  async (rig) => {
    const app = rig.file('app.log')
    const dead: string[] = []
    app.write(100)
    await rig.start()
    await rig.arrived()
    for (let block = 0; block < 3; block += 1) {
      dead.push(`${app.writeWith({ time: ago(8 * 24 * hour) })} too_old 400 greater_than_max_sample_age`)
      app.write(20)
      dead.push(`${app.writeWith({ time: ago(-hour) })} too_new 400 too_far_in_future`)
      app.write(20)
      dead.push(`${app.writeWith({ time: ago(3 * hour) })} too_far_behind 400 too_far_behind`)
      app.write(20)
    }
    await isSettled(rig, 'loki')
    assert.deepEqual(obituaries(rig, 'loki'), dead.toSorted())
    const uids = dead.map((text) => text.split(' ')[0])
    // By time they stand elsewhere than they were written: that is what they are about.
    return {
      es: { disordered: rig.verdicts()['es']!.disordered },
      loki: { lost: `9 ${uids.join(' ')}` },
      deadLettered: 9,
    }
  },
)

scenario(
  'LOKI-MULTI',
  'many streams, with rate limits on some of them: no push holds two, as a 204 says nothing of the others',
  { from: 'full', loki: { labels: { job: 'torture', kind: '{kind}' } }, lokiFaults: { partial: 0.3 } },
  async (rig) => {
    rig.loki.keepsPushes = true
    const app = rig.file('app.log')
    await rig.start()
    for (let block = 0; block < 10; block += 1) {
      for (let line = 0; line < 50; line += 1) app.writeWith({ kind: `k${line % 5}` })
      await until(() => rig.storedCount('loki') >= app.written, 'they arrive')
    }
    await isWell(rig, 'loki', 'five streams')
    assert.ok(rig.loki.pushes.every(({ streams }) => streams.length === 1))
    assert.equal(new Set(labelsOf(rig).values()).size, 5)
    rig.note(`${rig.loki.pushes.length} pushes`)
  },
)

scenario(
  'LOKI-MIX',
  'one push has entries over the stream’s rate and others too far behind: the first are sent again, the others go to the backlog',
  {},
  async (rig) => {
    const doors = await openDoors(rig)
    const app = rig.file('app.log')
    app.write(1)
    await rig.start()
    await rig.arrived()
    // After a restart only the server knows how new the stream is, so late entries share a push with the others.
    await rig.stop()
    let mixed = 0
    doors.loki.meets(async (exchange) => {
      const passed = await exchange.pass()
      if (/too far behind/.test(passed.body) && /Per stream rate limit/.test(passed.body)) mixed += 1
      exchange.answer(passed)
    })
    const late = Array.from({ length: 3 }, (_, index) => app.writeWith({ time: ago(2 * hour - index) }))
    app.write(20)
    // The rate is met by half of a push; the text tells of both (fixture stream-rate-and-behind).
    rig.loki.faults.push({ kind: 'partial' })
    await rig.start()
    await rig.arrived()
    assert.equal(mixed, 1)
    rig.loki.faults.push(...Array.from({ length: 6 }, (): LokiFault => ({ kind: 'partial' })))
    for (let block = 0; block < 10; block += 1) {
      app.write(20)
      late.push(app.writeWith({ time: ago(2 * hour - 100 - block) }))
    }
    await rig.arrived()
    await isWell(rig, 'loki', 'the rate')
    const labels = labelsOf(rig)
    assert.ok(
      late.every((uid) => labels.get(uid)?.includes('backlog="')),
      'the late ones have the label backlog',
    )
    assert.equal([...labels.values()].filter((text) => text.includes('backlog="')).length, late.length)
    const { es, loki } = rig.verdicts()
    return { es: { disordered: es!.disordered }, loki: { disordered: loki!.disordered } }
  },
)

scenario(
  'LOKI-429',
  'the tenant’s rate, the stream limit, and a push above the burst: backed off, split, and all of it stored once',
  { from: 'full', loki: { batch: { max_wait: '50ms', max_bytes: '8MiB', max_events: 20_000 } } },
  async (rig) => {
    const app = rig.file('app.log', { pad: 1000 })
    const rate = status(
      429,
      "ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec) while attempting to ingest '40' lines totaling '8000000' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased",
    )
    const streams = status(
      429,
      `maximum active stream limit exceeded when trying to create stream {job="torture"}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: 'fake'`,
    )
    await rig.start()
    for (const fault of [rate, streams]) {
      rig.loki.faults.push(...Array.from({ length: 4 }, () => fault))
      app.write(40)
      await rig.arrived()
      await isWell(rig, 'loki', 'a limit')
    }
    // 7 MB in one read, above the burst of 6 MB: 429 for ever, unless it is split.
    app.write(6500)
    await rig.arrived()
    await isWell(rig, 'loki', 'the burst')
    assert.deepEqual(letters(rig), [])
  },
)

scenario(
  'LOKI-4MB',
  'a push above 4 MB is answered with 500 for ever: it is split, and the size is remembered',
  // A slow machine must fill a batch within the wait, else no push is too large.
  { from: 'full', loki: { batch: { max_wait: '5s', max_bytes: '5MiB', max_events: 20_000 } } },
  async (rig) => {
    const app = rig.file('app.log', { pad: 1000 })
    await rig.start()
    app.write(9000)
    await rig.arrived()
    await isWell(rig, 'loki', '4 MB')
    const failed = await metric(rig, 'logferry_sink_requests_total{sink="loki",code="500"}')
    assert.ok(failed > 0 && failed <= 4, `${failed} pushes were too large`)
    app.write(9000)
    await rig.arrived()
    await isWell(rig, 'loki', '4 MB again')
    assert.equal(await metric(rig, 'logferry_sink_requests_total{sink="loki",code="500"}'), failed)
  },
)

scenario(
  'LOKI-LINE',
  'a line above what Loki takes is cut there and said to be so, Elasticsearch has it whole, and so are its neighbours',
  { from: 'full', source: { max_line_bytes: '1MiB' }, loki: { structured_metadata: ['flags'] } },
  async (rig) => {
    const app = rig.file('app.log')
    const large = rig.file('app.log.large', { pad: 300_000 })
    app.write(50)
    large.write(1)
    await rig.start()
    await rig.arrived()
    const cut = rig.loki.entries().filter(({ line }) => line.length > 100_000)
    assert.deepEqual(
      cut.map(({ line }) => Buffer.byteLength(line)),
      [256 * 1024],
    )
    assert.match(cut[0]!.metadata, /truncated/)
    const { torn } = rig.verdicts()['loki']!
    assert.match(torn, /^1 \{"time"/)
    return { loki: { lost: '1 app.log.large-0', torn } }
  },
)

scenario(
  'LOKI-OLD/NEW',
  'an hour behind goes to the backlog by default, before it is sent or after it was refused',
  { from: 'full' },
  async (rig) => {
    const app = rig.file('app.log')
    app.write(20)
    await rig.start()
    await rig.arrived()
    const late = Array.from({ length: 20 }, (_, index) => app.writeWith({ time: ago(2 * hour - index) }))
    app.write(20)
    await rig.arrived()
    // After a restart only the server knows how new the stream is.
    await rig.stop()
    for (let index = 0; index < 20; index += 1)
      late.push(app.writeWith({ time: ago(2 * hour - 100 - index) }))
    await rig.start()
    await rig.arrived()
    await isWell(rig, 'loki', 'the backlog')
    const labels = labelsOf(rig)
    assert.ok(late.every((uid) => labels.get(uid)?.includes('backlog="')))
    assert.equal([...labels.values()].filter((text) => text.includes('backlog="')).length, 40)
    assert.deepEqual(letters(rig), [])
    const { es, loki } = rig.verdicts()
    return { es: { disordered: es!.disordered }, loki: { disordered: loki!.disordered } }
  },
)

scenario(
  'LOKI-LABELS',
  'values that are too long, that are no text or that are too many: limited before they are sent, nothing refused',
  {
    from: 'full',
    loki: { labels: { job: 'torture', kind: '{kind}', id: '{id}' }, label_limits: { max_values: 20 } },
  },
  async (rig) => {
    const app = rig.file('app.log')
    const kinds = [
      'x'.repeat(5000),
      'a"b\nc\\d',
      '{}',
      '\u0000\u0001',
      '\ufffd',
      '\ud800',
      '',
      ' ',
      'é'.repeat(1500),
    ]
    await rig.start()
    for (let line = 0; line < 400; line += 1)
      app.writeWith({ kind: kinds[line % kinds.length], id: `i${line}` })
    await rig.arrived()
    await isWell(rig, 'loki', 'the labels')
    const streams = new Set(labelsOf(rig).values())
    assert.ok(streams.size <= 20 * kinds.length + kinds.length, `${streams.size} streams`)
    assert.equal(await metric(rig, 'logferry_label_demotions_total{sink="loki"}'), 1)
    assert.equal(await metric(rig, 'logferry_sink_requests_total{sink="loki",code="400"}'), 0)
    assert.deepEqual(letters(rig), [])
    rig.note(`${streams.size} streams`)
  },
)

scenario(
  'LOKI-TENANT',
  'one tenant’s limit does not hold another tenant up',
  { from: 'full' },
  async (rig) => {
    // A tenant is a sink's: two sinks for one Loki, each with its own header and its own cursor.
    const doors = await openDoors(rig)
    const seen = new Set<string | undefined>()
    const limited = { ...sinkTo(doors.loki.url), tenant: 'limited' }
    rig.configure({ loki: { url: doors.loki.url, tenant: 'free' } })
    rig.configure({ config: { sinks: { ...rig.sinkConfigs(), limited } } })
    doors.loki.meets(async (exchange) => {
      const { headers } = exchange.request
      seen.add(String(headers['x-scope-orgid']))
      if (headers['x-scope-orgid'] !== 'limited') return exchange.answer(await exchange.pass())
      exchange.response.writeHead(429).end('ingestion rate limit exceeded for user limited\n')
    })
    const app = rig.file('app.log')
    app.write(200)
    await rig.start()
    await rig.arrived()
    await isWell(rig, 'loki', 'the free tenant')
    assert.deepEqual([...seen].toSorted(), ['free', 'limited'])
    assert.equal((await rig.status()).sinks['limited']!.lag_events, 200)
    // Its own turn: equal entries of two tenants are one entry of the fake, which knows no tenants.
    doors.loki.meets(undefined)
    await until(async () => (await rig.status()).sinks['limited']!.lag_events === 0, 'the limit is lifted')
  },
)

const sinkTo = (url: string): object => ({
  type: 'loki',
  url,
  labels: { job: 'torture' },
  retry: { min: '20ms', max: '300ms' },
  batch: { max_wait: '20ms' },
})
