import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LabelLimits, type LabelLimitsConfig } from '../../../../src/sinks/loki/labels/label-limits.ts'
import { MemoryState } from '../../../support/sink-context.ts'

const config: LabelLimitsConfig = { max_streams: 5, max_values: 3, on_limit: 'demote' }
const templates = new Map([
  ['user', '{user}'],
  ['level', '{level}'],
])

function open(parts: Partial<LabelLimitsConfig> = {}, state = new MemoryState(), of = templates) {
  const demotions: string[] = []
  const limits = new LabelLimits({
    limits: { ...config, ...parts },
    templates: of,
    state,
    onDemoted: (name, reason) => void demotions.push(`${name}: ${reason}`),
  })
  return { limits, state, demotions }
}

describe('label limits', () => {
  test('a label with more values than max_values is demoted once, others stay', () => {
    const { limits, demotions } = open({ max_streams: 100 })
    for (const user of ['a', 'b', 'c', 'a'])
      assert.equal(
        limits.admit([
          ['job', 'x'],
          ['user', user],
        ]),
        false,
      )
    assert.equal(
      limits.admit([
        ['job', 'x'],
        ['user', 'd'],
      ]),
      true,
    )
    assert.equal(
      limits.admit([
        ['job', 'x'],
        ['user', 'd'],
      ]),
      false,
    )
    assert.equal(
      limits.admit([
        ['job', 'x'],
        ['user', 'e'],
      ]),
      false,
    )
    assert.deepEqual(limits.demoted, ['user'])
    assert.deepEqual(demotions, ['user: more than 3 values'])
  })

  test('above max_streams the label with the most values goes', () => {
    const { limits, demotions } = open({ max_values: 100 })
    for (const user of ['a', 'b', 'c'])
      limits.admit([
        ['user', user],
        ['level', 'info'],
      ])
    for (const user of ['a', 'b'])
      limits.admit([
        ['user', user],
        ['level', 'warn'],
      ])
    assert.equal(
      limits.admit([
        ['user', 'c'],
        ['level', 'warn'],
      ]),
      true,
    )
    assert.deepEqual(demotions, ['user: more than 5 streams'])
  })

  test('labels of one value and constant labels are never demoted', () => {
    const { limits } = open({ max_streams: 1, max_values: 100 })
    assert.equal(
      limits.admit([
        ['job', 'a'],
        ['level', 'info'],
      ]),
      false,
    )
    assert.equal(
      limits.admit([
        ['job', 'b'],
        ['level', 'info'],
      ]),
      false,
    )
    assert.deepEqual(limits.demoted, [])
  })

  test('a demotion is kept over restarts while the label and the limits stay as they are', async () => {
    const state = new MemoryState()
    const first = open({ max_values: 1 }, state)
    first.limits.admit([['user', 'a']])
    first.limits.admit([['user', 'b']])
    assert.deepEqual(state.saves, [])
    await first.limits.save()
    await first.limits.save()
    assert.deepEqual(state.saves, ['demoted_labels'])
    assert.deepEqual(open({ max_values: 1 }, state).limits.demoted, ['user'])
    assert.deepEqual(open({ max_values: 2 }, state).limits.demoted, [])
    const changed = new Map(templates).set('user', 'u-{user}')
    assert.deepEqual(open({ max_values: 1 }, state, changed).limits.demoted, [])
  })

  test('a state of another shape is no demotion', () => {
    for (const value of [undefined, null, 'x', 7, [], { user: 1 }]) {
      const state = new MemoryState()
      state.values.set('demoted_labels', value)
      assert.deepEqual(open({}, state).limits.demoted, [])
    }
  })
})
