import assert from 'node:assert/strict'
import { until } from '../support/fake-clock.ts'
import type { FakeProduct } from '../support/fake-elasticsearch.ts'
import type { CountedFile } from './harness/counted-file.ts'
import { isSettled, letters, metric, obituaries } from './harness/letters.ts'
import { answers, rewrites, storesAndResets } from './harness/moods.ts'
import { scenario } from './harness/scenario.ts'
import { isWell, openDoors } from './harness/sickness.ts'
import type { Doors } from './harness/sickness.ts'
import type { TortureRig } from './harness/torture-rig.ts'

interface Traffic {
  /** Documents in all requests, and items in all answers by status. */
  documents: number
  readonly items: Record<string, number>
}

/** Counts what goes through the door of Elasticsearch, and changes nothing. */
function watch(doors: Doors): Traffic {
  const traffic: Traffic = { documents: 0, items: {} }
  doors.es.meets(async (exchange) => {
    traffic.documents += exchange.text().split('\n').length >> 1
    const passed = await exchange.pass()
    for (const [, status] of passed.body.matchAll(/"status":(\d+)/g)) {
      traffic.items[status!] = (traffic.items[status!] ?? 0) + 1
    }
    exchange.answer(passed)
  })
  return traffic
}

interface Scene {
  readonly app: CountedFile
  readonly doors: Doors
}

async function begin(rig: TortureRig, es: object = {}): Promise<Scene> {
  const doors = await openDoors(rig, { es })
  const app = rig.file('app.log')
  return { app, doors }
}

scenario(
  'ES-PART429, -PART503, -PART500',
  'of single items that are refused for now only those are sent again',
  {},
  async (rig) => {
    const { app, doors } = await begin(rig)
    rig.elasticsearch.faults.set({
      seed: 1,
      items: [
        { share: 0.1, status: 429, type: 'es_rejected_execution_exception' },
        { share: 0.1, status: 503, type: 'unavailable_shards_exception' },
        { share: 0.1, status: 500, type: 'mapper_exception' },
      ],
    })
    const traffic = watch(doors)
    app.write(3000)
    await rig.start()
    await rig.arrived()
    await isWell(rig, 'es', 'all items')
    const { 201: created, 429: busy = 0, 503: away = 0, 500: failed = 0, ...others } = traffic.items
    assert.equal(created, 3000)
    assert.deepEqual(others, {})
    for (const count of [busy, away, failed]) assert.ok(count > 200, `${count} refusals`)
    assert.equal(traffic.documents, 3000 + busy + away + failed, 'only what was refused came again')
    rig.note(`${busy} times 429, ${away} times 503, ${failed} times 500`)
  },
)

scenario(
  'ES-PART400',
  'one document in a hundred does not fit: those are dead letters, whole and with the reason',
  { from: 'full' },
  async (rig) => {
    const { app } = await begin(rig)
    const dead: string[] = []
    await rig.start()
    app.writeWith({ n: 1 })
    await rig.arrived()
    for (let hundred = 0; hundred < 20; hundred += 1) {
      app.write(77)
      dead.push(app.writeWith({ n: 'seventy-seven' }))
      app.write(22)
    }
    await isSettled(rig, 'es')
    const expected = dead.map((uid) => `${uid} mapping 400 document_parsing_exception`).toSorted()
    assert.deepEqual(obituaries(rig, 'es'), expected)
    for (const { text, event } of letters(rig)) {
      assert.match(text, /failed to parse field \[n\] of type \[long\]/)
      assert.match(event.body, /"n":"seventy-seven"/)
      assert.match(event.target, /^create torture id=/)
    }
    return { es: { lost: `20 ${dead.slice(0, 10).join(' ')}` }, deadLettered: 20 }
  },
)

for (const [state, says] of [
  ['blocked', /cluster_block_exception/],
  ['closed', /index_closed_exception/],
  ['missing', /index_not_found_exception/],
  ['flood', /TOO_MANY_REQUESTS/],
] as const) {
  scenario(
    'ES-PART403',
    `an index that is ${state} holds its own events and nobody else's, and nothing is given up`,
    { from: 'full' },
    async (rig) => {
      const { app } = await begin(rig, { index: 'torture-{kind:-main}' })
      rig.elasticsearch.indices.states.set('torture-shut', state)
      await rig.start()
      for (let block = 0; block < 10; block += 1) {
        app.write(40)
        for (let one = 0; one < 10; one += 1) app.writeWith({ kind: 'shut' })
      }
      await until(
        () => rig.storedCount('loki') === 500 && rig.storedCount('es') === 400,
        'the others have arrived',
      )
      const expected = state === 'flood' ? /retrying|ok/ : /holding/
      await until(async () => {
        const { state: told, last_error: error } = (await rig.status()).sinks['es']!
        return expected.test(told) && says.test(error ?? '')
      }, 'it says what holds')
      assert.deepEqual(letters(rig), [])
      rig.elasticsearch.indices.states.clear()
      await rig.arrived()
      await isWell(rig, 'es', state)
    },
  )
}

scenario(
  'ES-PART409',
  'a 409 to a first try of our own id is the document: accepted, and counted apart',
  { from: 'full' },
  async (rig) => {
    const { app, doors } = await begin(rig)
    let isFirst = true
    // As a balancer that repeats a request which was stored: the agent hears of the second answer alone.
    doors.es.meets(async (exchange) => {
      if (isFirst) await exchange.pass()
      isFirst = false
      exchange.answer(await exchange.pass())
    })
    app.write(200)
    await rig.start()
    await rig.arrived()
    await isWell(rig, 'es', '409')
    const repeated = rig.elasticsearch.indices.repeated
    assert.ok(repeated > 0)
    const noted = 'logferry_sink_noted_events_total{sink="es",note="already_there"}'
    assert.equal(await metric(rig, noted), repeated)
  },
)

scenario(
  'ES-PART409',
  'a 409 to an id from a field is somebody else’s document: a dead letter, unless an answer was lost',
  { from: 'full' },
  async (rig) => {
    const { app, doors } = await begin(rig, { id: { field: 'uid' } })
    const uids = ['app.log-3', 'app.log-5']
    const foreign = uids.map(
      (_id) => `${JSON.stringify({ create: { _index: 'torture', _id } })}\n{"by":"another"}\n`,
    )
    await fetch(`${rig.elasticsearch.url}/_bulk`, {
      method: 'POST',
      body: foreign.join(''),
      headers: { 'content-type': 'application/x-ndjson' },
    })
    app.write(100)
    await rig.start()
    await isSettled(rig, 'es')
    const conflict = 'conflict 409 version_conflict_engine_exception'
    assert.deepEqual(
      obituaries(rig, 'es'),
      uids.map((uid) => `${uid} ${conflict}`),
    )
    doors.es.meets(storesAndResets)
    app.write(100)
    await until(() => doors.es.met >= 2, 'answers are lost')
    doors.es.meets(undefined)
    await isSettled(rig, 'es')
    assert.equal(letters(rig).length, 2, 'what may be ours is')
    return {
      es: { lost: `2 ${uids.join(' ')}`, torn: `2 {"by":"another"} {"by":"another"}` },
      deadLettered: 2,
      foreign: 2,
    }
  },
)

scenario('ES-MIX', '201, 409, 429, 503 and 400 in one answer: each by its own rule', {}, async (rig) => {
  const { app, doors } = await begin(rig, { batch: { max_wait: '100ms', max_events: 500 } })
  await rig.start()
  app.writeWith({ n: 1 })
  await rig.arrived()
  // Half of a request is stored before its answer is lost; the rest of it, and all the kinds, come with the next one.
  let mixed: Record<string, number> = {}
  let isFirst = true
  doors.es.meets(async (exchange) => {
    if (isFirst) {
      isFirst = false
      const lines = exchange.text().trimEnd().split('\n')
      await exchange.pass(`${lines.slice(0, (lines.length >> 2) * 2).join('\n')}\n`)
      rig.elasticsearch.faults.set({
        seed: 2,
        items: [
          { share: 0.2, status: 429 },
          { share: 0.2, status: 503 },
        ],
      })
      exchange.request.socket.resetAndDestroy()
      return
    }
    const passed = await exchange.pass()
    const kinds: Record<string, number> = {}
    for (const [, status] of passed.body.matchAll(/"status":(\d+)/g))
      kinds[status!] = (kinds[status!] ?? 0) + 1
    if (Object.keys(kinds).length > Object.keys(mixed).length) mixed = kinds
    exchange.answer(passed)
  })
  const dead: string[] = []
  app.write(100)
  for (let ten = 0; ten < 10; ten += 1) {
    dead.push(app.writeWith({ n: 'no number' }))
    app.write(20)
  }
  await isSettled(rig, 'es')
  assert.deepEqual(Object.keys(mixed), ['201', '400', '409', '429', '503'])
  rig.note(`one answer had ${JSON.stringify(mixed)}`)
  assert.deepEqual(
    obituaries(rig, 'es'),
    dead.map((uid) => `${uid} mapping 400 document_parsing_exception`).toSorted(),
  )
  return { es: { lost: `10 ${dead.join(' ')}` }, deadLettered: 10 }
})

scenario(
  'ES-POISON-REQ',
  'one event spoils every request that it is in: it alone is a dead letter',
  { from: 'full' },
  async (rig) => {
    const { app, doors } = await begin(rig)
    const poison = 'app.log-123'
    // The words of Elasticsearch 9.5.3 for an id that is too long, which the agent itself never makes.
    const type = 'action_request_validation_exception'
    const reason = 'Validation Failed: 1: id [x] is too long, must be no longer than 512 bytes but was: 513;'
    const refuses = answers(
      400,
      JSON.stringify({ error: { root_cause: [{ type, reason }], type, reason }, status: 400 }),
      {
        'content-type': 'application/json',
      },
    )
    doors.es.meets(async (exchange) => {
      if (exchange.text().includes(`"${poison}"`)) return refuses(exchange)
      exchange.answer(await exchange.pass())
    })
    app.write(500)
    await rig.start()
    await isSettled(rig, 'es')
    assert.deepEqual(obituaries(rig, 'es'), [`${poison} malformed 400 ${type}`])
    return { es: { lost: `1 ${poison}` }, deadLettered: 1 }
  },
)

scenario(
  'ES-SPACE',
  'an answer that is spread over lines, or has its members in another order, says the same',
  { from: 'full' },
  async (rig) => {
    const { app, doors } = await begin(rig)
    const dead: string[] = []
    const shapes: readonly ((body: string) => string)[] = [
      (body) => JSON.stringify(JSON.parse(body), null, 2),
      (body) => body.replaceAll(':', ' : '),
      (body) => body.replace(/^\{("errors":\w+),(.*)\}$/s, '{$2,"took":3,$1}'),
      (body) => `\n\n${body}\n`,
      // Whoever wrote `errors` did not look at the items.
      (body) => body.replace('"errors":true', '"errors":false'),
    ]
    await rig.start()
    app.writeWith({ n: 1 })
    await rig.arrived()
    rig.elasticsearch.faults.set({ seed: 3, items: [{ share: 0.1, status: 429 }] })
    for (const shape of shapes) {
      doors.es.meets(rewrites(shape))
      app.write(50)
      dead.push(app.writeWith({ n: 'no number' }))
      app.write(50)
      await isSettled(rig, 'es')
      assert.equal(obituaries(rig, 'es').length, dead.length)
      assert.equal(rig.storedCount('es'), rig.written - dead.length)
    }
    assert.deepEqual(
      obituaries(rig, 'es'),
      dead.map((uid) => `${uid} mapping 400 document_parsing_exception`).toSorted(),
    )
    return { es: { lost: `5 ${dead.join(' ')}` }, deadLettered: 5 }
  },
)

const products: readonly FakeProduct[] = [
  'elasticsearch-7.17',
  'elasticsearch-8.19',
  'opensearch-1.3',
  'opensearch-3.8',
]

scenario(
  'ES-VERSION',
  'every product that is supported gets every line, and its refusals are understood',
  { from: 'full' },
  async (rig) => {
    const { app } = await begin(rig)
    const dead: string[] = []
    await rig.start()
    app.writeWith({ n: 1 })
    for (const product of products) {
      rig.elasticsearch.product = product
      app.write(50)
      await until(() => rig.storedCount('es') === rig.written - dead.length, `${product} has all`)
      dead.push(app.writeWith({ n: 'no number' }))
      await isSettled(rig, 'es')
    }
    const type = (product: string): string => (product.startsWith('elasticsearch-8') ? 'document' : 'mapper')
    const expected = products.map(
      (product, index) => `${dead[index]} mapping 400 ${type(product)}_parsing_exception`,
    )
    assert.deepEqual(obituaries(rig, 'es'), expected.toSorted())
    return { es: { lost: `4 ${dead.join(' ')}` }, deadLettered: 4 }
  },
)
