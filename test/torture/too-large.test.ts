import assert from 'node:assert/strict'
import { until } from '../support/fake-clock.ts'
import { scenario } from './harness/scenario.ts'
import { isWell, openDoors } from './harness/sickness.ts'
import type { Fault } from './harness/sickness.ts'

scenario(
  'SNK-413',
  'bodies above 64 kB are answered with 413: they are halved until they fit, and the size is remembered',
  { from: 'full' },
  async (rig) => {
    const batch = { max_wait: '50ms', max_events: 5000, max_bytes: '4MiB' }
    const doors = await openDoors(rig, {
      es: { batch, compression: 'none', max_in_flight: 1 },
      loki: { batch, encoding: 'json', max_in_flight: 1 },
    })
    const app = rig.file('app.log', { pad: 1000 })
    const largest = 64 * 2 ** 10
    let refused = 0
    const mood: Fault['mood'] = async (exchange) => {
      if (Buffer.byteLength(exchange.text()) <= largest) return exchange.answer(await exchange.pass())
      refused += 1
      exchange.response.writeHead(413, { 'content-length': 0 }).end()
    }
    await rig.start()
    for (const sink of ['es', 'loki'] as const) {
      refused = 0
      doors[sink].meets(mood)
      app.write(1500)
      await rig.arrived()
      await isWell(rig, sink, '413')
      assert.ok(refused > 0)
      const learnt = refused
      app.write(1500)
      await rig.arrived()
      await isWell(rig, sink, '413 again')
      assert.equal(refused, learnt, 'the size is remembered: no body is refused a second time')
      doors[sink].meets(undefined)
    }
  },
)

scenario(
  'SNK-413',
  'one event that is larger than anything the server takes is a dead letter, its neighbours arrive',
  { from: 'full' },
  async (rig) => {
    const doors = await openDoors(rig, { es: { compression: 'none' } })
    const app = rig.file('app.log')
    const large = rig.file('app.log.large', { pad: 100_000 })
    doors.es.meets(async (exchange) => {
      if (Buffer.byteLength(exchange.text()) <= 64 * 2 ** 10) return exchange.answer(await exchange.pass())
      exchange.response.writeHead(413, { 'content-length': 0 }).end()
    })
    app.write(100)
    large.write(1)
    await rig.start()
    await until(
      () => rig.storedCount('es') === 100 && rig.storedCount('loki') === 101,
      'the neighbours have arrived',
    )
    const dead = async (): Promise<number> => (await rig.status()).ledger['app']!.sinks['es']!.dead_lettered
    await until(async () => (await dead()) === 1, 'it is a dead letter')
    return { es: { lost: '1 app.log.large-0' }, deadLettered: 1 }
  },
)

const mebibyte = 2 ** 20

/** What nginx with \`client_max_body_size 1m\` and \`lingering_close off\` comes to, and proxies that say nothing at all. */
const closings = [
  ['the connection is reset while they are sent', ''],
  [
    'they are answered with 413 and reset while they are sent',
    'HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n',
  ],
] as const

for (const [how, answer] of closings) {
  scenario(
    'SNK-413-RESET',
    `bodies above 1 MiB: ${how}, and all of it arrives in smaller ones, whose size is remembered`,
    { from: 'full' },
    async (rig) => {
      // Loki's pushes are compressed, and never near so large on the wire.
      const doors = await openDoors(rig, {
        es: {
          batch: { max_wait: '2s', max_events: 5000, max_bytes: '4MiB' },
          retry: { min: '10ms', max: '50ms' },
          compression: 'none',
          max_in_flight: 1,
        },
      })
      let resets = 0
      doors.es.slams = ({ headers, socket }) => {
        if (Number(headers['content-length']) <= mebibyte) return false
        resets += 1
        // Unread bytes make a reset of the close.
        socket.pause()
        if (answer === '') socket.resetAndDestroy()
        else socket.write(answer, () => socket.resetAndDestroy())
        return true
      }
      const app = rig.file('app.log', { pad: 1000 })
      await rig.start()
      app.write(3500)
      await rig.arrived()
      await isWell(rig, 'es', how)
      assert.ok(resets > 0)
      rig.note(`${resets} bodies cut off`)
      const learnt = resets
      app.write(3500)
      await rig.arrived()
      await isWell(rig, 'es', `${how}, again`)
      assert.equal(resets, learnt, 'the size is remembered: no body is cut off a second time')
    },
  )
}
