import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { diffConfig } from '../../src/config/diff.ts'
import type { ConfigDiff } from '../../src/config/diff.ts'
import { configFolder } from './config-file.ts'

const base = {
  data_dir: '/d',
  sources: { a: { type: 'file', include: ['/a'] }, b: { type: 'file', include: ['/b'] } },
  sinks: { es: { type: 'elasticsearch', nodes: ['http://h:1'], index: 'a' }, c: { type: 'console' } },
}

async function diff(test: TestContext, next: object | string): Promise<ConfigDiff> {
  const { load } = await configFolder(test)
  return diffConfig((await load(base)).config, (await load(next)).config)
}

const none = { added: [], removed: [], changed: [] }

describe('what a reload has to do', () => {
  it('nothing, where only comments, order of keys and spelling differ', async (test) => {
    const { sources, sinks } = base
    const text = `{ /* new */ "sinks": ${JSON.stringify(sinks)}, "sources": ${JSON.stringify(sources)}, "buffer": { "max_bytes": "1024MiB" }, "data_dir": "/d" }`
    assert.deepEqual(await diff(test, text), {
      isEmpty: true,
      sourcesChanged: false,
      sources: none,
      sinks: { ...none, urlChanged: [] },
      needsRestart: [],
      settings: [],
    })
  })

  it('steps of all sources', async (test) => {
    const { sourcesChanged, isEmpty } = await diff(test, { ...base, steps: [{ redact: {} }] })
    assert.deepEqual([sourcesChanged, isEmpty], [true, false])
  })

  it('a source more, one less, one changed', async (test) => {
    const sources = { b: { type: 'file', include: ['/b'], start_at: 'end' }, n: { type: 'stdin' } }
    const { sources: changes, sourcesChanged, sinks } = await diff(test, { ...base, sources })
    assert.deepEqual(changes, { added: ['n'], removed: ['a'], changed: ['b'] })
    assert.equal(sourcesChanged, true)
    assert.deepEqual(sinks, { ...none, urlChanged: [] })
  })

  it('other sources, where their order changed: a file belongs to the first that matches', async (test) => {
    const { a, b } = base.sources
    const { sourcesChanged, sources } = await diff(test, { ...base, sources: { b, a } })
    assert.equal(sourcesChanged, true)
    assert.deepEqual(sources, none)
  })

  it('a sink more, one less, one changed, one sent elsewhere', async (test) => {
    const sinks = {
      es: { ...base.sinks.es, nodes: ['http://h:1', 'http://h:2'] },
      f: { type: 'file', path: '/f' },
    }
    const result = await diff(test, { ...base, sinks })
    assert.deepEqual(result.sinks, { added: ['f'], removed: ['c'], changed: ['es'], urlChanged: ['es'] })
    assert.equal(result.sourcesChanged, true)
    const tuned = await diff(test, {
      ...base,
      sinks: { ...base.sinks, es: { ...base.sinks.es, timeout: '5s' } },
    })
    assert.deepEqual(tuned.sinks, { added: [], removed: [], changed: ['es'], urlChanged: [] })
    assert.equal(tuned.sourcesChanged, false)
  })

  it('a changed enrichment is a change of every source', async (test) => {
    const { sourcesChanged, sources } = await diff(test, { ...base, enrich: { fields: { env: 'x' } } })
    assert.deepEqual([sourcesChanged, sources], [true, none])
  })

  it('names what needs a restart, and what it does not', async (test) => {
    const result = await diff(test, {
      ...base,
      data_dir: '/e',
      buffer: { max_bytes: '2GiB', retain: '1h' },
      admin: { listen: '127.0.0.1:1' },
      log: { level: 'debug' },
      dead_letters: { max_age: '1d' },
      shutdown_timeout: '1s',
    })
    assert.deepEqual(result.needsRestart, ['data_dir', 'buffer.max_bytes', 'buffer.retain'])
    assert.deepEqual(result.settings, [
      'shutdown_timeout',
      'admin.listen',
      'log.level',
      'dead_letters.max_age',
    ])
    assert.deepEqual([result.isEmpty, result.sourcesChanged], [false, false])
  })

  it('admin switched off is one change', async (test) => {
    assert.deepEqual((await diff(test, { ...base, admin: false })).settings, ['admin'])
  })
})
