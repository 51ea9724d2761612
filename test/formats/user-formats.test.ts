import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import { configFolder } from '../config/config-file.ts'
import { formats, reads, sampleFolder, samples, ship, wholeConfig, type Shipped } from './user-formats.ts'

/**
 * Whole documents and Loki entries, a file for each source of docs/formats.md. With LOGFERRY_WRITE_FORMATS=1 they are
 * written anew: each change of them is to be read.
 */
const expectedPath = (source: string): string => join(sampleFolder, 'expected', `${source}.json`)

const reading = 'the time of reading'

/** Lines without a time have the one at which the test ran, in four places. */
function withoutReadingTime(shipped: Shipped, fromMs: number): Shipped {
  const timestamp = String(shipped.document['@timestamp'])
  const readMs = Date.parse(timestamp)
  if (readMs < fromMs) return shipped
  assert.ok(readMs <= Date.now())
  assert.equal(String(shipped.entry.time).slice(0, 23), timestamp.slice(0, 23))
  const day = timestamp.slice(0, 10).replaceAll('-', '.')
  return {
    index: String(shipped.index).replace(day, 'the day of reading'),
    document: { ...shipped.document, '@timestamp': reading },
    entry: { ...shipped.entry, time: reading },
  }
}

/** Syslog's stamps have no year: it is the one that the test runs in, or the one before. */
function withoutYear({ index, document, entry }: Shipped): Shipped {
  const year = /^\d{4}/
  const timestamp = String(document['@timestamp']).replace(year, 'YEAR')
  return {
    index: String(index).replace(/\d{4}/, 'YEAR'),
    document: { ...document, '@timestamp': timestamp },
    entry: { ...entry, time: String(entry.time).replace(year, 'YEAR') },
  }
}

for (const { name, config } of formats) {
  test(`samples of ${name} become the documents and entries that are written down`, async (context) => {
    const { write } = await configFolder(context)
    const path = await write('agent.config.json', config)
    const loaded = await loadConfig(path, {})
    assert.deepEqual(loaded.warnings, [])
    const isIncluded = reads(loaded.config.sources[name]!)
    const found: Record<string, Shipped[]> = {}
    const fromMs = Date.now()
    for (const sample of samples().filter((one) => isIncluded(one)))
      found[sample] = (await ship(path, name, sample)).map((one) =>
        name === 'journal' ? withoutYear(one) : withoutReadingTime(one, fromMs),
      )
    assert.notDeepEqual(Object.keys(found), [], 'there is a sample')
    if (process.env['LOGFERRY_WRITE_FORMATS'] === '1')
      writeFileSync(expectedPath(name), `${JSON.stringify(found, null, 2)}\n`)
    assert.deepEqual(found, JSON.parse(readFileSync(expectedPath(name), 'utf8')))
  })
}

describe('a level within the message', () => {
  const parser = '["json", { "type": "level_message", "field": "message" }]'
  const fluentd = '"type": "regex", "field": "message", "pattern": "^(?<level>\\\\w+)\\\\s+(?<message>.*)$"'
  const worker = formats.find(({ name }) => name === 'worker')!
  const ways: Readonly<Record<string, string>> = {
    'Fluentd’s pattern on the field': `["json", { ${fluentd} }]`,
    'Fluentd’s pattern as a step': `"json", "steps": [{ "parse": { ${fluentd} } }]`,
    'the parser as a step': '"json", "steps": [{ "parse": { "type": "level_message", "field": "message" } }]',
  }

  for (const [way, parse] of Object.entries(ways)) {
    test(`comes out the same by ${way}`, async (context) => {
      const { write } = await configFolder(context)
      assert.ok(worker.config.includes(parser))
      const [guided, other] = await Promise.all([
        write('guided.json', worker.config),
        write(
          'other.json',
          worker.config.replace(parser, () => parse),
        ),
      ])
      const documents = async (path: string): Promise<unknown[]> =>
        (await ship(path, 'worker', '/srv/shop/worker.log')).map(({ document }) => document)
      assert.deepEqual(await documents(other), await documents(guided))
    })
  }
})

describe('the samples', () => {
  test('are read by one source each, and by all blocks of the guide in one config', async (context) => {
    const { write } = await configFolder(context)
    const { config, warnings } = await loadConfig(await write('agent.config.json', wholeConfig), {})
    assert.deepEqual(warnings, [])
    assert.equal(Object.keys(config.sources).length, formats.length)
    for (const sample of samples()) {
      const readers = Object.values(config.sources).filter((source) => reads(source)(sample))
      assert.equal(readers.length, 1, sample)
    }
  })

  test('have no line that a parser could not read', () => {
    const texts = formats.map(({ name }) => readFileSync(expectedPath(name), 'utf8'))
    assert.equal(texts.filter((text) => /parse_error|_invalid|_original/.test(text)).length, 0)
  })
})
