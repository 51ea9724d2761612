import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { until } from '../support/fake-clock.ts'
import { Rig, sorted } from './rig.ts'
import { allDocuments, allEntries, deleteIndices, servers, tell } from './servers.ts'

const { es, loki, why } = servers()
const run = `replay${Date.now()}`
const nowMs = Date.now()
const ago = (ms: number): string => new Date(nowMs - ms).toISOString()

describe('what is sent again by a command', { skip: why, timeout: 120_000 }, () => {
  after(() => deleteIndices(es, run))

  const entries = (selector: string): ReturnType<typeof allEntries> =>
    allEntries(loki, { selector, startMs: nowMs - 5 * 3600_000, endMs: Date.now() + 60_000 })

  test('refused documents are there once the mapping is put right, and none is doubled', async (context) => {
    const index = `${run}-mapping`
    await tell(es, 'PUT', `/${index}`, { mappings: { properties: { n: { type: 'long' } } } })
    const lines = Array.from({ length: 300 }, (_, n) =>
      JSON.stringify({ time: ago(60_000 - n), uid: `u${n}`, n: n % 3 === 0 ? `text ${n}` : n }),
    )
    const rig = new Rig(context)
    const config = rig.config({
      sources: { app: { type: 'file', include: [rig.write('app.log', lines)] } },
      sinks: { es: { type: 'elasticsearch', nodes: [es], index } },
    })
    const agent = await rig.start(config)
    const refused = (await agent.settled(lines.length)).get('app/es')
    assert.deepEqual([refused?.acknowledged, refused?.dead_lettered], [200, 100])
    const again = await rig.run(['dlq', 'replay', '-c', config])
    assert.equal(again.code, 1)
    assert.match(again.stdout, /^es: took 0 dead letters; refused again, and kept, 100 dead letters\n/)
    assert.ok(rig.deadLetters('es').every(({ attempts }) => attempts === 2))

    const tolerant = { type: 'long', ignore_malformed: true }
    await tell(es, 'PUT', `/${index}/_mapping`, { properties: { n: tolerant } })
    const done = await rig.run(['dlq', 'replay', '--reason', 'mapping', '-c', config])
    assert.deepEqual([done.code, done.stdout], [0, 'es: took 100 dead letters\n'])
    const uids = (await allDocuments(es, index)).map(({ _source }) => String(_source['uid']))
    assert.deepEqual(sorted(uids), sorted(lines.map((line) => JSON.parse(line).uid)))
    assert.equal(await agent.metric('logferry_dead_letters_stored'), 0)
    assert.equal(await agent.metric('logferry_sink_replayed_events_total'), 100)
    assert.equal((await agent.settled(lines.length)).get('app/es')?.dead_lettered, 100)
    await agent.stop()
  })

  test('a stretch sent again is doubled at neither server', async (context) => {
    const index = `${run}-stretch`
    const lines = Array.from({ length: 500 }, (_, n) =>
      JSON.stringify({ time: ago(1800_000 - n), uid: `u${n}`, level: n % 2 === 0 ? 'info' : 'error' }),
    )
    const rig = new Rig(context)
    const config = rig.config({
      buffer: { retain: '1h' },
      sources: { app: { type: 'file', include: [rig.write('app.log', lines)] } },
      sinks: {
        es: { type: 'elasticsearch', nodes: [es], index },
        loki: { type: 'loki', url: loki, labels: { run, severity: '{level}' } },
      },
    })
    const agent = await rig.start(config)
    await agent.settled(lines.length)
    const words = ['replay', '--from', '1h', '--to', 'now', '-c', config]
    const all = await rig.run(words)
    assert.deepEqual([all.code, all.stdout], [
      0,
      'es: sent 500 events again, of which it had 500 events already\nloki: sent 500 events again\n',
    ]) // prettier-ignore
    // The label is called otherwise at Loki than in the event.
    const errors = await rig.run([...words, '--sink', 'loki', '--label', 'severity=error', '--json'])
    assert.equal(JSON.parse(errors.stdout).sinks.loki.sent, 250)
    assert.equal((await allDocuments(es, index)).length, lines.length)
    assert.deepEqual(sorted((await entries(`{run="${run}"}`)).map(({ line }) => line)), sorted(lines))
    await agent.stop()
  })

  test('an entry that was refused as too far behind is stored, once that is allowed', async (context) => {
    const rig = new Rig(context)
    const job = `${run}-late`
    const sink = { type: 'loki', url: loki, labels: { job } }
    const settings = {
      sources: { app: { type: 'file', include: [`${rig.folder}/*.log`] } },
      sinks: { loki: { ...sink, late: 'dead_letter' } },
    }
    const config = rig.config(settings)
    rig.write('app.log', [JSON.stringify({ time: ago(1000), uid: 'new' })])
    const agent = await rig.start(config)
    await agent.settled(1)
    // Not beyond the three hours in which Loki asks its ingesters.
    rig.write('app.log', [JSON.stringify({ time: ago(2 * 3600_000), uid: 'old' })])
    assert.equal((await agent.settled(2)).get('app/loki')?.dead_lettered, 1)
    assert.equal(rig.deadLetters('loki')[0]?.reason, 'too_far_behind')

    rig.config({ ...settings, sinks: { loki: sink } })
    await until(async () => {
      const done = await rig.run(['dlq', 'replay', '-c', config])
      return done.stdout === 'loki: took 1 dead letter\n'
    }, 'the new config takes it')
    const late = await entries(`{job="${job}", backlog="true"}`)
    assert.deepEqual(
      late.map(({ line }) => JSON.parse(line).uid),
      ['old'],
    )
    assert.equal((await entries(`{job="${job}"}`)).length, 2)
    await agent.stop()
  })
})
