import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLanes } from '../../src/config/lanes.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { configFolder, minimal } from './config-file.ts'

const host = { name: 'web-1', ip: [], os: { type: 'linux', platform: 'debian', kernel: '6.1' } }
const world = { host, clock: new FakeClock(), hostTimezone: 'UTC', bitOf: () => 0, hashKey: 'a key' }
const sources = {
  app: { type: 'file', include: ['/var/log/app/*.log'], fields: { service: 'cart' }, max_line_bytes: '1KiB' },
  in: { type: 'stdin', sinks: ['screen'] },
}

test('each source has its lane, with its own settings and the routes of its sinks', async (context) => {
  const { load } = await configFolder(context)
  const { config } = await load(minimal({ sources }))
  const asked: string[] = []
  const routeOf = (source: string): number => (asked.push(source), source === 'in' ? 2 : 1)
  const lanes = createLanes({ ...world, config, routeOf })
  assert.deepEqual([...lanes.keys()], ['app', 'in'])
  assert.deepEqual(asked, ['app', 'in'])
  const origin = { generation: 'ab'.repeat(12), path: '/var/log/pods/shop_cart_0a1b/app/0.log' }
  const names = (source: string): string[] =>
    lanes
      .get(source)!
      .open(origin)
      .shared.map(({ name }) => name)
  assert.ok(names('app').includes('service'))
  assert.ok(!names('in').includes('service'))
  // What stands in a path is told though `enrich.kubernetes`, which is about the API, is off.
  assert.ok(names('in').includes('kubernetes.pod.name'))
})

test('a line is cut where its source says', async (context) => {
  const { load } = await configFolder(context)
  const { config } = await load(minimal({ sources }))
  const lanes = createLanes({ ...world, config, routeOf: () => 1, isGeneralOnly: true })
  const lengthOf = (source: string): number => {
    const bytes = Buffer.from(`${'x'.repeat(3000)}\n`)
    const file = lanes.get(source)!.open({ generation: 'ab'.repeat(12), path: '/var/log/app/a.log' })
    const result = file.process({ bytes, from: 0, to: bytes.length }, false)
    assert.ok(result !== 'wait')
    return result.events[0]!.line.length
  }
  assert.deepEqual([lengthOf('app'), lengthOf('in')], [1024, 3000])
})

test('a container may name another parser: its lines, out of the wrapper of the source, in either lane', async (context) => {
  const { load } = await configFolder(context)
  const access = '10.0.0.1 - - [20/Jan/2026:10:10:10 +0000] "GET /a HTTP/1.1" 200 7 "-" "curl/8"'
  const line = `2026-01-20T10:10:10.5Z stdout F ${access}\n`
  for (const parse of ['auto', ['cri', 'json'], 'cri'])
    for (const isGeneralOnly of [false, true]) {
      const { config } = await load(minimal({ sources: { app: { type: 'file', include: ['/x'], parse } } }))
      const lane = createLanes({ ...world, config, routeOf: () => 1, isGeneralOnly }).get('app')!
      const parsed = (name: string | undefined): number => {
        const container = { members: [], isLeftOut: false, parse: name }
        const opened = [lane, lane.general ?? lane].map((one) =>
          one.open({ generation: 'ab'.repeat(12), path: '/x', container }),
        )
        const errors = opened.map((file) => {
          const bytes = Buffer.from(line)
          const result = file.process({ bytes, from: 0, to: bytes.length }, false)
          assert.ok(result !== 'wait')
          return result.parseErrors
        })
        assert.equal(errors[0], errors[1])
        return errors[0]!
      }
      assert.deepEqual([parsed('nginx'), parsed('none'), parsed('auto'), parsed('klog')], [0, 0, 0, 1])
      assert.equal(parsed(undefined), Array.isArray(parse) ? 1 : 0)
    }
})
