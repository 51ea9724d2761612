import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { TestContext } from 'node:test'
import { z } from 'zod'
import { rounded, sortedByPlace, sortKeys } from '../formats/compare.ts'
import { Mover, movedExpectations, movedSamples } from '../formats/moved-samples.ts'
import { logqlTable, questions, searches, wholeConfig } from '../formats/user-formats.ts'
import { Rig, sorted } from './rig.ts'
import { allDocuments, allEntries, deleteIndices, servers, tell } from './servers.ts'

const { es, loki, why } = servers()
const run = `formats${Date.now()}`
const minute = 60_000
const startMs = Math.floor(Date.now() / minute - 6) * minute
/** All samples with a time of their own are older. */
const endMs = startMs + 5 * minute
const mover = new Mover(startMs)
const reading = 'the time of reading'
const trace = '0af7651916cd43dd8448eb211c80319c'
const document = z.record(z.string(), z.unknown())

/** How many documents each question of the guide finds among all samples, and how many lines Loki finds. */
const answers: Readonly<
  Record<string, readonly [elasticsearch: readonly number[], loki: readonly number[]]>
> = {
  'Python logging': [[1], [1]],
  'Access lines of an app': [[1], [1]],
  'Request lines without a time': [[1], [1]],
  structlog: [[3, 2], []],
  'Errors as JSON lines': [[1], [1]],
  'python-json-logger': [[1], [1]],
  'A level within the message': [[15], [1]],
  pino: [[1], [1]],
  winston: [[1], [1]],
  zap: [[1], [2]],
  logback: [[1], [1]],
  Serilog: [[1], [1]],
  "journald's short form": [[1], [1]],
  Java: [[1], [1]],
  Node: [[1], [1]],
  Go: [[1], [1]],
}
/** Services with one error each; `errors` has two. */
const withOneError =
  'access app billing cart mail orders price search shipping slow-requests stock web worker'.split(' ')

const search = async (body: object): Promise<any> =>
  tell(es, 'POST', `/${run}-*/_search`, { track_total_hits: true, ...body })
const found = async (query: object): Promise<number> => (await search({ query, size: 0 })).hits.total.value

/** A query of the guide for the lines of this run alone. */
const ofRun = (query: string): string =>
  query.replace('job="shop"', `job="${run}"`).replace(/\{(?!job=)/, `{job="${run}", `)

const vector = z.object({
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
    ),
  }),
})

/** A metric over the five minutes of the samples, by service. */
async function metric(query: string): Promise<Map<string, number>> {
  const parameters = new URLSearchParams({ query: ofRun(query), time: String(endMs / 1000) })
  const answer = await fetch(`${loki}/loki/api/v1/query?${parameters.toString()}`)
  assert.equal(answer.status, 200, await answer.clone().text())
  const { data } = vector.parse(await answer.json())
  return new Map(data.result.map(({ metric: { service }, value }) => [service!, Number(value[1])]))
}

const lines = (query: string): ReturnType<typeof allEntries> =>
  allEntries(loki, { selector: ofRun(query), startMs, endMs: Date.now() + minute })

const isoMs = (ms: number): string => new Date(ms).toISOString()
/** Nanoseconds as previews write them. */
const isoOf = (nanoseconds: string): string =>
  `${isoMs(Number(nanoseconds.slice(0, -6))).slice(0, -1)}${nanoseconds.slice(-6)}Z`

/** All samples by the agent as a process, through one config with all blocks of the guide. */
async function ship(context: TestContext): Promise<string> {
  const rig = new Rig(context)
  for (const { path, text } of movedSamples(mover)) rig.write(path.slice(1), text.trimEnd().split('\n'))
  const config = wholeConfig
    .replaceAll('"/srv/', `"${rig.folder}/srv/`)
    .replace('http://127.0.0.1:9200', es)
    .replace('http://127.0.0.1:3100', loki)
    .replace('"job": "shop"', `"job": "${run}"`)
    .replace('"index": "shop-', `"index": "${run}-`)
  const { code, stderr } = await rig.once(rig.config(document.parse(JSON.parse(config))))
  assert.equal(code, 0, stderr)
  return rig.folder
}

after(() => deleteIndices(es, run))

test('the formats of the guide are found by the queries that people run', { skip: why }, async (context) => {
  const folder = await ship(context)
  const expected = movedExpectations(mover, folder)

  await context.test('every document is whole, in the index of its service and its day', async () => {
    const documents = (await allDocuments(es, `${run}-*`)).map(({ _index, _source }) => {
      if (_source['service'] !== 'requests') return { index: _index, document: _source }
      const index = _index.replace(/\d{4}\.\d\d\.\d\d$/, 'the day of reading')
      return { index, document: { ..._source, '@timestamp': reading } }
    })
    const wanted = expected.map(({ index, document: whole }) => ({
      index: mover.index(String(index)).replace('shop-', `${run}-`),
      document: whole,
    }))
    assert.equal(documents.length, 42)
    assert.deepEqual(sortedByPlace(documents), sortedByPlace(wanted))
  })

  await context.test('every line is in Loki with its labels, its metadata and its time', async () => {
    const entries = (await lines('{job="shop"}')).map(({ labels, metadata, time, line }) => ({
      stream: `{job="shop", level="${labels['level']}", service="${labels['service']}"}`,
      line,
      time: labels['service'] === 'requests' ? reading : isoOf(time),
      metadata: Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== 'detected_level')),
    }))
    assert.deepEqual(sorted(entries.map(sortKeys)), sorted(expected.map(({ entry }) => sortKeys(entry))))
  })

  await context.test(
    'match, a range of time and query_string find in Elasticsearch what they should',
    async () => {
      const [recentErrors, , orderErrors] = searches
      assert.equal((await search(recentErrors!)).hits.total.value, 15)
      assert.equal((await search(orderErrors!)).hits.total.value, 4)
      assert.equal(await found({ match: { level: 'ERROR' } }), 15)
      assert.equal(await found({ match: { 'log.level': 'error' } }), 15)
      assert.equal(await found({ match: { 'log.level': 'fatal' } }), 2)
      const range = (from: number, to: number): object => ({
        range: { '@timestamp': { gte: isoMs(startMs + from), lt: isoMs(startMs + to) } },
      })
      assert.equal(await found(range(0, minute)), 19)
      assert.equal(await found(range(minute, 2 * minute)), 20)
      assert.equal(await found(range(2 * minute, 5 * minute)), 1)
      assert.equal(await found({ term: { 'trace.id': trace } }), 11)
    },
  )

  await context.test('terms on level.keyword and a histogram of times count every document', async () => {
    const { aggregations } = await search(searches[1]!)
    const counts = (name: string): [unknown, number][] =>
      aggregations[name].buckets.map(({ key, doc_count: count }: { key: unknown; doc_count: number }) => [
        key,
        count,
      ])
    assert.deepEqual(Object.fromEntries(counts('levels')), {
      INFO: 11,
      ERROR: 10,
      error: 4,
      info: 3,
      warning: 2,
      CRITICAL: 1,
      Error: 1,
      Fatal: 1,
      Information: 1,
      WARN: 1,
      WARNING: 1,
      Warning: 1,
    })
    const ofSamples = counts('times').filter(([key, count]) => Number(key) < endMs && count > 0)
    assert.deepEqual(ofSamples, [
      [startMs, 19],
      [startMs + minute, 20],
      [startMs + 2 * minute, 1],
    ])
  })

  await context.test('Loki finds errors, rates, quantiles, and one trace through all services', async () => {
    const [errors, json, rate, quantile, traced] = logqlTable
    assert.equal((await lines(errors!)).length, 15)
    assert.equal((await lines(json!)).length, 15)
    assert.equal((await lines(`${json} | __error__=""`)).length, 10)
    const rates = Object.fromEntries(withOneError.map((service) => [service, 1 / 300]))
    assert.deepEqual(rounded(await metric(rate!)), rounded(Object.entries({ ...rates, errors: 2 / 300 })))
    assert.deepEqual(rounded(await metric(quantile!)), { 'slow-requests': 4703.825 })
    const services = (await lines(traced!)).map(({ labels }) => labels['service'])
    assert.deepEqual(
      sorted(services),
      'app billing cart errors mail orders search shipping slow-requests stock worker'.split(' '),
    )
  })

  for (const { heading, elasticsearch, loki: logql } of questions) {
    await context.test(`the questions under "${heading}" are answered`, async () => {
      const counts = await Promise.all(elasticsearch.map((query) => found(query)))
      const logs = logql.filter((query) => query.startsWith('{'))
      const entries = await Promise.all(logs.map(async (query) => (await lines(query)).length))
      assert.deepEqual([counts, entries], answers[heading])
    })
  }
  assert.equal(questions.length, Object.keys(answers).length)
})
