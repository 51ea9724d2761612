import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { until } from '../support/fake-clock.ts'
import {
  answers,
  bombs,
  compresses,
  drips,
  dripsHeaders,
  hangs,
  hangsUp,
  pours,
  resets,
  rewrites,
  says,
  storesAndAnswers,
  storesAndHangs,
  storesAndHangsUp,
  storesAndResets,
} from './harness/moods.ts'
import { scenario } from './harness/scenario.ts'
import { fallSickInTurn, fallsSick, isWell, openDoors } from './harness/sickness.ts'
import type { Fault } from './harness/sickness.ts'

const elasticsearchSays = (status: number, type: string): string =>
  JSON.stringify({ error: { root_cause: [{ type, reason: 'as asked' }], type, reason: 'as asked' }, status })
const json = { 'content-type': 'application/json' }
const plain = { 'content-type': 'text/plain; charset=utf-8' }

const gateways: readonly Fault[] = [
  { name: '500', mood: answers(500), state: 'retrying', says: /500/ },
  { name: '502', mood: answers(502), state: 'retrying', says: /502/ },
  { name: '503', mood: answers(503), state: 'retrying', says: /503/ },
  { name: '504', mood: answers(504), state: 'retrying', says: /504/ },
  { name: '408', mood: answers(408), state: 'retrying', says: /408/ },
  { name: '429', mood: answers(429), state: 'retrying', says: /429/ },
  { name: '401', mood: answers(401), state: 'holding', says: /401/ },
  { name: '403', mood: answers(403), state: 'holding', says: /403/ },
  { name: '404', mood: answers(404), state: 'holding', says: /404/ },
  { name: '400 with a page', mood: answers(400), state: 'holding', says: /400/ },
]

scenario(
  'SNK-503, -500R, -429, -401, -403, -404',
  'whatever a gateway or the server answers to the whole request, it is kept and sent again, and the other sink goes on',
  {},
  (rig) =>
    fallSickInTurn(rig, {
      es: [
        ...gateways,
        {
          name: '503 of its own',
          mood: answers(503, elasticsearchSays(503, 'cluster_block_exception'), json),
          state: 'retrying',
          says: /cluster_block_exception/,
        },
        {
          name: '401 of its own',
          mood: answers(401, elasticsearchSays(401, 'security_exception'), json),
          state: 'holding',
          says: /security_exception/,
        },
      ],
      loki: [
        ...gateways,
        {
          name: '401 of its own',
          mood: answers(401, 'no org id\n', plain),
          state: 'holding',
          says: /no org id/,
        },
        {
          name: '500 of its own',
          mood: answers(500, 'at least 1 live replicas required\n', plain),
          says: /live/,
        },
      ],
    }),
)

scenario(
  'SNK-RETRYAFTER',
  'what is asked for is waited for, and what is no time at all is passed over',
  { from: 'full' },
  async (rig) => {
    const doors = await openDoors(rig)
    const app = rig.file('app.log')
    await rig.start()
    for (const sink of ['es', 'loki'] as const) {
      for (const status of [503, 429]) {
        const nonsense = ['-1', 'soon', 'Wed, 21 Oct 2015 07:28:00 GMT', '', 'NaN', '1e400']
        for (const value of nonsense) {
          const mood = answers(status, 'later', { ...plain, 'retry-after': value })
          await fallsSick({ rig, doors, app }, sink, { name: `${status} after ${value}`, mood })
        }
      }
      const times: number[] = []
      const later = answers(503, 'later', { ...plain, 'retry-after': '1' })
      const mood: Fault['mood'] = (exchange) => {
        times.push(performance.now())
        return later(exchange)
      }
      await fallsSick({ rig, doors, app }, sink, { name: '503 after 1', mood })
      // A timer may fire a millisecond before its time by another clock.
      const waited = times.slice(1).map((time, index) => time - times[index]!)
      assert.ok(
        waited.every((ms) => ms >= 990),
        `${sink} waited ${waited.join(' ')} ms`,
      )
    }
  },
)

scenario(
  'SNK-RESET, -HALF, -LOSTACK',
  'a connection that breaks before or after the events were stored',
  {},
  (rig) => {
    const faults: readonly Fault[] = [
      { name: 'reset before it is stored', mood: resets, state: 'retrying' },
      { name: 'closed without a word', mood: hangsUp, state: 'retrying' },
      { name: 'stored, then reset', mood: storesAndResets, state: 'retrying' },
      { name: 'stored, then closed', mood: storesAndHangsUp, state: 'retrying' },
    ]
    return fallSickInTurn(rig, { es: faults, loki: faults })
  },
)

/** Ends that come only with the deadline. */
const patience = { timeout: '300ms' }

scenario(
  'SNK-HANG, -SLOW',
  'no answer, one that drips, one that never ends: the deadline ends it',
  { from: 'full' },
  (rig) => {
    const faults: readonly Fault[] = [
      { name: 'hangs', mood: hangs, state: 'retrying', says: /no answer/ },
      { name: 'stored, then hangs', mood: storesAndHangs, state: 'retrying', says: /no answer/ },
      { name: 'drips', mood: drips(200), state: 'retrying' },
      { name: 'drips headers', mood: dripsHeaders, state: 'retrying' },
      { name: 'drips a refusal', mood: drips(400), state: 'retrying' },
      {
        name: 'only ever says to go on',
        mood: says('HTTP/1.1 100 Continue\r\n\r\n', false),
        state: 'retrying',
      },
    ]
    return fallSickInTurn(rig, { es: faults, loki: faults }, { es: patience, loki: patience })
  },
)

scenario(
  'SNK-SLOW, -BOMB, -GZIP',
  'answers of 50 MB, without end, compressed or bombs cost neither memory nor an event',
  {},
  async (rig) => {
    const faults: readonly Fault[] = [
      { name: '50 MB', mood: pours(200, 50 * 2 ** 20) },
      { name: 'without end', mood: pours(200, Infinity) },
      { name: 'a refusal of 50 MB', mood: pours(503, 50 * 2 ** 20), state: 'retrying' },
      { name: 'a bomb', mood: bombs(200) },
      { name: 'a refusal with a bomb', mood: bombs(503), state: 'retrying' },
      { name: 'gzip', mood: compresses },
    ]
    await fallSickInTurn(rig, { es: faults, loki: faults })
    // The catalogue's bound: the bomb alone would be 200 MB.
    return { maxRssBytes: 200 * 2 ** 20 }
  },
)

scenario('SNK-CUT', 'an answer that ends too early is no answer', { from: 'full' }, (rig) => {
  const ends = (head: string, isClosed: boolean): Fault['mood'] => says(`HTTP/1.1 ${head}`, isClosed)
  const itemsOk = '{"errors":false,"items":['
  const faults: readonly Fault[] = [
    { name: 'shorter than its length', mood: ends(`200 OK\r\ncontent-length: 1000\r\n\r\n${itemsOk}`, true) },
    {
      name: 'chunks without an end',
      mood: ends(`200 OK\r\ntransfer-encoding: chunked\r\n\r\n19\r\n${itemsOk}\r\n`, true),
    },
    {
      name: 'a chunk that is cut',
      mood: ends(`200 OK\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n${itemsOk}`, true),
    },
    {
      name: 'a refusal that is cut',
      mood: ends('400 Bad Request\r\ncontent-length: 1000\r\n\r\nentry with timesta', true),
    },
    { name: 'within the headers', mood: ends('200 OK\r\ncontent-le', true) },
    { name: 'within the status', mood: ends('20', true) },
    { name: 'another protocol', mood: says('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n', false) },
    { name: 'headers without bounds', mood: ends(`200 OK\r\nx-a: ${'a'.repeat(2 ** 20)}\r\n\r\n`, true) },
    {
      name: 'another protocol is agreed on',
      mood: ends('101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n', false),
    },
  ].map((fault): Fault => ({ ...fault, state: 'retrying' }))
  return fallSickInTurn(rig, { es: faults, loki: faults }, { es: patience, loki: patience })
})

interface Items {
  errors: boolean
  items: unknown[]
}

const itemsChanged = (change: (answer: Items) => void): Fault['mood'] =>
  rewrites((body) => {
    const answer: Items = JSON.parse(body)
    change(answer)
    return JSON.stringify(answer)
  })

scenario(
  'SNK-GARBAGE',
  'a 2xx that is not what was asked for is not believed, however it looks',
  {},
  (rig) => {
    const both: readonly Fault[] = [
      { name: 'a page', mood: storesAndAnswers(200, '<html><body>It works!</body></html>') },
      { name: 'an empty object', mood: storesAndAnswers(200, '{}', json) },
      { name: 'nothing', mood: storesAndAnswers(200, '', json) },
      { name: 'a login page instead of the server', mood: answers(200, '<html>Please log in</html>') },
      { name: '202 of a queue', mood: answers(202, '{"errors":false}', json) },
      { name: '201', mood: answers(201, '', json) },
    ]
    return fallSickInTurn(rig, {
      es: [
        ...both,
        { name: '204', mood: answers(204, '') },
        { name: 'an item less', mood: itemsChanged(({ items }) => void items.pop()) },
        { name: 'an item more', mood: itemsChanged(({ items }) => void items.push(items[0])) },
        { name: 'no items', mood: itemsChanged((answer) => (answer.items = [])) },
        {
          name: 'items that are none',
          mood: itemsChanged((answer) => (answer.items = answer.items.map(() => null))),
        },
        {
          name: 'statuses as text',
          mood: rewrites((body) => body.replaceAll(/"status":(\d+)/g, '"status":"$1"')),
        },
        {
          name: 'cut, with the length that it has',
          mood: rewrites((body) => body.slice(0, body.length >> 1)),
        },
        { name: 'two answers in one', mood: rewrites((body) => body + body) },
      ].map((fault): Fault => ({ ...fault, state: 'retrying' })),
      // Loki says 204 and nothing else; a 200 is somebody before it (a login page, a queue), for the operator to see.
      loki: [
        ...both,
        {
          name: '260: ingestion is blocked',
          mood: answers(260, 'ingestion blocked for user fake\n', plain),
          says: /260/,
        },
      ].map((fault): Fault => ({ ...fault, state: 'holding' })),
    })
  },
)

const redirects: readonly (readonly [number, string])[] = [
  ...[301, 302, 303, 307, 308].map((status) => [status, 'http://TRAP/_bulk'] as const),
  [302, '//TRAP/loki/api/v1/push'],
  [307, '/elsewhere'],
]

scenario(
  'SNK-REDIR',
  'a redirect is not followed, and nothing arrives where it leads',
  { from: 'full' },
  async (rig) => {
    let visits = 0
    const trap = createServer((socket) => {
      visits += 1
      socket.destroy()
    })
    rig.opened.push(() => new Promise((resolve) => trap.close(resolve)))
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    const address = trap.address()
    assert.ok(address !== null && typeof address === 'object')
    const auth = { username: 'agent', password: 'hunter22' }
    const doors = await openDoors(rig, { es: { auth }, loki: { auth } })
    const app = rig.file('app.log')
    await rig.start()
    for (const sink of ['es', 'loki'] as const) {
      for (const [status, location] of redirects) {
        const authorization: (string | undefined)[] = []
        const redirect = answers(status, '', {
          location: location.replace('TRAP', `127.0.0.1:${address.port}`),
        })
        const mood: Fault['mood'] = (exchange) => {
          authorization.push(exchange.request.headers.authorization)
          return redirect(exchange)
        }
        const name = `${status} to ${location}`
        await fallsSick({ rig, doors, app }, sink, { name, mood, state: 'holding' })
        assert.ok(
          authorization.every((header) => header?.startsWith('Basic ')),
          'they go to the sink itself',
        )
      }
    }
    assert.equal(visits, 0, 'nobody came to where it leads')
    assert.doesNotMatch(rig.agent!.stderr, /hunter22/)
  },
)

scenario(
  'SNK-REFUSED',
  'the port is closed: nothing is lost, and the other sink does not notice',
  { from: 'full' },
  async (rig) => {
    const doors = await openDoors(rig)
    const app = rig.file('app.log')
    await rig.start()
    for (const sink of ['es', 'loki'] as const) {
      const well = sink === 'es' ? 'loki' : 'es'
      const before = rig.storedCount(sink)
      await doors[sink].shut()
      for (let block = 0; block < 10; block += 1) app.write(50)
      await until(() => rig.storedCount(well) === rig.written, 'the other sink has all')
      await until(async () => (await rig.status()).sinks[sink]!.state === 'retrying', 'it says so')
      assert.match((await rig.status()).sinks[sink]!.last_error ?? '', /ECONNREFUSED|refused/)
      assert.equal(rig.storedCount(sink), before)
      await doors[sink].open()
      await isWell(rig, sink, 'the port is open again')
    }
  },
)
