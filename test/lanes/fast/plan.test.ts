import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf16le } from '../../../src/core/encoding.ts'
import { planOf } from '../../../src/lanes/fast/plan.ts'
import type { ParseConfig } from '../../../src/parsers/schema.ts'

const laneOf = (parse: ParseConfig): string => {
  const plan = planOf({ parse })
  return plan.lane === 'fast' ? 'fast' : plan.because
}

test('JSON, plain text, and both out of containers take the fast lane', () => {
  for (const parse of ['auto', 'json', 'none', 'cri', ['cri', 'json'], ['cri', 'none']] as const)
    assert.equal(laneOf([parse].flat()), 'fast')
})

test('access logs, and regexes that can be programs of the kernel, take the fast lane', () => {
  for (const parse of ['nginx', 'apache'] as const) assert.equal(laneOf(parse), 'fast')
  assert.equal(laneOf({ type: 'regex', pattern: '^(?<level>[A-Z]+) (?<message>.*)$' }), 'fast')
  assert.match(laneOf({ type: 'regex', pattern: '(?<=x)(?<a>.)' }), /^parse \(.*at column 1\)$/)
})

test('presets that the kernel knows take the fast lane, unless somebody names another member that has the time', () => {
  for (const parse of ['klog', 'python', 'level_message', 'syslog'] as const) {
    assert.equal(laneOf(parse), 'fast')
    assert.equal(laneOf(['cri', parse]), 'fast')
    const plan = planOf({ parse, timestamp: { field: 'ts', format: 'auto' } })
    assert.equal(plan.lane === 'general' && plan.because, 'timestamp.field')
  }
})

test('logfmt and Docker take the fast lane, with what is read behind the wrapper', () => {
  for (const parse of [
    'logfmt',
    'docker',
    ['docker', 'json'],
    ['docker', 'syslog'],
    ['cri', 'logfmt'],
  ] as const)
    assert.equal(laneOf([parse].flat()), 'fast')
})

test('a plan names the setting that asks for the general lane', () => {
  assert.equal(laneOf({ type: 'logfmt', types: { a: 'int' } }), 'parse (types of keys)')
  assert.equal(laneOf(['json', { type: 'logfmt', field: 'message' }]), 'parse (several parsers)')
  const because = (options: Partial<Parameters<typeof planOf>[0]>): unknown => {
    const plan = planOf({ parse: 'json', ...options })
    return plan.lane === 'general' && plan.because
  }
  assert.equal(because({ encoding: utf16le }), 'encoding')
  assert.equal(because({ timestamp: { format: '%d/%b/%Y' } }), 'timestamp.format')
  assert.equal(because({ timestamp: { field: 'ts', format: 'auto' } }), false)
  assert.equal(because({ steps: { because: 'steps[0] (route)' } }), 'steps[0] (route)')
  assert.equal(because({ steps: [] }), false)
})
