import assert from 'node:assert/strict'
import { until } from '../support/fake-clock.ts'
import { isSettled, metric } from './harness/letters.ts'
import { rewrites, storesAndResets } from './harness/moods.ts'
import { scenario } from './harness/scenario.ts'
import { isWell, openDoors } from './harness/sickness.ts'

const dataStream = {
  index: undefined,
  data_stream: { type: 'logs', dataset: 'torture', namespace: 'default' },
}

scenario(
  'ES-STREAM',
  'a data stream takes each line once, whatever gets lost',
  { from: 'full', elasticsearchFaults: { lostAck: 0.2, cut: 0.2 } },
  async (rig) => {
    await openDoors(rig, { es: dataStream })
    const app = rig.file('app.log')
    rig.elasticsearch.indices.dataStreams.add('logs-torture-default')
    await rig.start()
    for (let block = 0; block < 10; block += 1) {
      app.write(50)
      await until(() => rig.storedCount('es') >= app.written, 'they arrive')
    }
    await isWell(rig, 'es', 'the data stream')
    assert.ok(rig.elasticsearch.documents().every(({ source }) => source.includes('"@timestamp":')))
  },
)

scenario(
  'ES-ROLLOVER',
  'a data stream rolls over between a lost answer and the next try: that batch alone is there twice',
  { from: 'full' },
  async (rig) => {
    const doors = await openDoors(rig, {
      es: { ...dataStream, max_in_flight: 1, batch: { max_wait: '200ms' } },
    })
    const app = rig.file('app.log')
    rig.elasticsearch.indices.dataStreams.add('logs-torture-default')
    await rig.start()
    app.write(100)
    await rig.arrived()
    doors.es.meets(storesAndResets)
    app.write(40)
    await until(() => rig.storedCount('es') === 140 && doors.es.met > 0, 'it is stored and nobody knows')
    // An `_id` is unique in one backing index only: from here on another one is written to.
    doors.es.meets(async (exchange) => {
      const body = exchange.text().replaceAll('"logs-torture-default"', '"logs-torture-default-000002"')
      exchange.answer(await exchange.pass(body))
    })
    await isSettled(rig, 'es')
    app.write(100)
    await isSettled(rig, 'es')
    const doubled = Array.from({ length: 10 }, (_, index) => `app.log-${100 + index}`)
    return { es: { doubled: `40 ${doubled.join(' ')}` }, foreign: 40 }
  },
)

scenario(
  'ES-FAILSTORE',
  'what a data stream put aside is accepted, and counted apart',
  { from: 'full' },
  async (rig) => {
    const doors = await openDoors(rig, { es: dataStream })
    const app = rig.file('app.log')
    rig.elasticsearch.indices.dataStreams.add('logs-torture-default')
    let diverted = 0
    doors.es.meets(
      rewrites((body) =>
        body.replaceAll('{"status":201}', (item) => {
          diverted += 1
          return diverted % 10 === 0 ? '{"status":201,"failure_store":"used"}' : item
        }),
      ),
    )
    app.write(500)
    await rig.start()
    await rig.arrived()
    await isWell(rig, 'es', 'the failure store')
    assert.equal(await metric(rig, 'logferry_sink_noted_events_total{sink="es",note="failure_store"}'), 50)
  },
)
