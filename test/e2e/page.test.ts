import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { until } from '../support/fake-clock.ts'
import { demoToken, PageDemo } from '../support/page-demo.ts'

const byToken = { authorization: `Bearer ${demoToken}` }

test('the page gets history, errors in words, dead letters with advice and a live tail of a real agent', async (context) => {
  const demo = new PageDemo()
  context.after(() => demo.close())
  const url = await demo.start()
  const { rig, traffic } = demo
  const events: string[] = []
  const where = encodeURIComponent("message == 'look at <b>me</b>'")
  const sent = request(new URL(`/tap?where=${where}`, url), { headers: byToken }, (response) =>
    response.setEncoding('utf8').on('data', (text: string) => events.push(text)),
  )
  context.after(() => void sent.destroy())
  sent.end()
  await until(() => sent.reusedSocket || sent.socket?.readyState === 'open', 'the tap is asked for')
  traffic.write(50)
  await rig.arrived(40)
  for (let count = 0; count < 5; count++) traffic.writeMisfit()
  const message = { time: new Date().toISOString(), message: 'look at <b>me</b>' }
  await until(() => {
    rig.append(`${JSON.stringify(message)}\n`, 'shop.log')
    return events.join('').includes('look at <b>me</b>')
  }, 'the tap shows the event')
  assert.doesNotMatch(events.join(''), /GET /)

  const ask = async (path: string): Promise<any> =>
    JSON.parse((await rig.get(demo.agent, path, byToken)).body)
  await until(
    async () => (await ask('/page-state')).status.sinks.es.dead_letters_stored === 5,
    'dead letters',
  )
  const state = await ask('/page-state')
  assert.ok(state.history.sources.shop.read_events.length >= 1)
  assert.match(JSON.stringify(state.troubles), /events were refused for good/)
  const letters = await ask('/dead-letters')
  assert.deepEqual([letters.looked_at, letters.is_all], [5, true])
  assert.deepEqual([letters.groups[0].letters, letters.letters.length], [5, 3])
  assert.match(letters.groups[0].advice, /The index has duration_ms as long/)
  assert.match(letters.letters[0].event.body, /"duration_ms":"n\/a"/)
  const plain = await rig.get(demo.agent, '/dead-letters')
  assert.equal(plain.status, 401)
})

test('a token that a reload brings opens the page without a restart', async (context) => {
  const demo = new PageDemo()
  context.after(() => demo.close())
  await demo.start({})
  const { rig, agent } = demo
  const letters = async (): Promise<number> => (await rig.get(agent, '/dead-letters', byToken)).status
  assert.equal(await letters(), 401)
  rig.configure({ admin: { listen: '127.0.0.1:0', token: demoToken } })
  await until(async () => (await letters()) === 200, 'the token is taken over')
})
