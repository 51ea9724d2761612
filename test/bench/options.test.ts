import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readOptions } from '../../bench/options.ts'

const namesOf = (items: readonly { readonly name: string }[]): string[] => items.map(({ name }) => name)

describe('the command line of the bench', () => {
  test('takes everything by default, a gigabyte, three times', () => {
    const options = readOptions([])
    assert.deepEqual(namesOf(options.pipelines), ['naive', 'logferry', 'rsyslog'])
    assert.ok(options.shipping.length > 10 && options.idling.length > 0 && options.starting.length > 0)
    assert.ok(options.growing.length > 0)
    assert.deepEqual([options.bytes, options.runs], [1e9, 3])
    assert.deepEqual(options.nodes, [process.versions.node.split('.')[0]])
  })

  test('picks scenarios, pipelines and versions by name', () => {
    const options = readOptions([
      '--scenario=nginx-es,idle-1',
      '--pipelines=logferry',
      '--nodes=24,20',
      '--gb=0.1',
    ])
    assert.deepEqual(namesOf(options.shipping), ['nginx-es'])
    assert.deepEqual(namesOf(options.idling), ['idle-1'])
    assert.deepEqual(namesOf(options.starting), [])
    assert.deepEqual(namesOf(options.growing), [])
    assert.deepEqual(namesOf(options.pipelines), ['logferry'])
    assert.deepEqual([options.nodes, options.bytes], [['24', '20'], 1e8])
  })

  test('still knows --sinks', () => {
    const options = readOptions(['--gb', '1', '--runs', '3', '--sinks', 'elasticsearch,loki'])
    assert.deepEqual(namesOf(options.shipping), ['json-es', 'json-loki'])
  })

  test('refuses what it does not know', () => {
    assert.throws(() => readOptions(['--scenario', 'json-kafka']), /no scenario "json-kafka", only json-es/)
    assert.throws(() => readOptions(['--pipelines', 'fluentd']), /no pipeline "fluentd"/)
    assert.throws(() => readOptions(['--gb', 'much']), /--gb much/)
    assert.throws(() => readOptions(['--gibibytes', '1']))
  })
})
