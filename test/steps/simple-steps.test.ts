import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stepsSchema } from '../../src/steps/schema.ts'
import { simpleCondition } from '../../src/steps/simple-condition.ts'
import type { Comparison } from '../../src/steps/simple-condition.ts'
import { simpleSteps } from '../../src/steps/simple-steps.ts'

const simpleOf = (own: readonly unknown[], all: readonly unknown[] = []): ReturnType<typeof simpleSteps> =>
  simpleSteps(stepsSchema('').parse(own), stepsSchema('').parse(all))

function comparisonOf(text: string): Comparison {
  const tree = simpleCondition(text)
  assert.ok('kind' in tree && tree.kind === 'comparison', text)
  return tree.comparison
}

test('filters are simple, whatever they ask of one field', () => {
  const steps = simpleOf(
    [{ drop: { if: 'level == "debug" || path.matches("^/health")' } }],
    [{ keep: { if: 'size(tags) > 2 && !has(audit)' } }],
  )
  assert.ok(!('because' in steps))
  assert.deepEqual(
    steps.map((step) => step.kind === 'filter' && step.filtersWhen),
    [true, false],
  )
})

test('what is not simple is named, with its place and the reason', () => {
  const because = (own: readonly unknown[], all: readonly unknown[] = []): unknown => {
    const steps = simpleOf(own, all)
    return 'because' in steps && steps.because
  }
  const keep = { keep: { if: 'a == 1' } }
  assert.equal(
    because([keep, { drop: { if: 'a == b' } }]),
    'steps[1] (drop: one comparison has "a" and "b" in it)',
  )
  assert.equal(
    because([keep], [{ keep: { if: 'log.offset > 5' } }]),
    'steps[0] of all sources (keep: its condition asks for "log.offset")',
  )
  assert.equal(because([{ add: { a: 1, b: '{host.name}' } }]), 'steps[0] (add: a template for "b")')
  assert.equal(because([{ redact: { patterns: ['x'] } }]), 'steps[0] (redact: patterns)')
  assert.equal(because([{ redact: { presets: ['ipv4'] } }]), 'steps[0] (redact: the preset "ipv4")')
  assert.equal(because([{ route: { if: 'true', sinks: ['es'] } }]), 'steps[0] (route)')
  const many = Array.from({ length: 65 }, (_, index) => `a${index} == 1`).join(' || ')
  assert.equal(because([{ drop: { if: many } }]), 'steps[0] (drop: more than 64 names in all steps)')
  const deep = { drop: { if: `has(field("${'a.'.repeat(127)}a"))` } }
  assert.equal(because([deep]), false)
  assert.equal(because([deep, deep]), 'steps[1] (drop: paths with too many dots in all steps)')
})

test('comparisons with literals are judged by bytes, all else is asked of CEL', () => {
  const testOf = (text: string): unknown => comparisonOf(text).test
  const equal = (texts: string[], isOpposite = false): unknown => ({ kind: 'equal', texts, isOpposite })
  assert.deepEqual(testOf('a.b == "x"'), equal(['x']))
  assert.deepEqual(testOf('"x" != labels["a/b"]'), equal(['x'], true))
  assert.deepEqual(testOf('a in ["x", "y"]'), equal(['x', 'y']))
  assert.deepEqual(testOf('a.endsWith("x")'), { kind: 'ends', texts: ['x'], isOpposite: false })
  assert.deepEqual(testOf('has(a)'), { kind: 'present', isOpposite: false })
  assert.deepEqual(testOf('a.matches("^x")'), { kind: 'pattern', pattern: '^x', isOpposite: false })
  const number = (relations: string[], of: number): unknown => ({
    kind: 'number',
    number: of,
    relations,
    isOpposite: false,
  })
  assert.deepEqual(testOf('5 < a'), number(['greater'], 5))
  assert.deepEqual(testOf('a <= -0.5'), number(['less', 'equal'], -0.5))
  assert.deepEqual(testOf('level >= 50'), number(['greater', 'equal'], 50))
  for (const text of [
    'a == true',
    'a + 1 == 2',
    'a == 9007199254740993',
    'level == "WARNING"',
    'tags[0] == "x"',
  ])
    assert.equal(testOf(text), undefined, text)
})

test('a comparison says of a value what the condition says, and what cannot be evaluated is unsure', () => {
  const judge = (text: string, json: string | undefined): string => {
    const found =
      json === undefined ? undefined : json.startsWith('"') ? { text: json.slice(1, -1) } : { json }
    return comparisonOf(text).judge(found)
  }
  assert.equal(judge('a != "x"', undefined), 'yes')
  assert.equal(judge('a == "x"', '"x"'), 'yes')
  assert.equal(judge('a >= 500', '"503"'), 'yes')
  assert.equal(judge('a.startsWith("x")', '5'), 'unsure')
  assert.equal(judge('a', '"text"'), 'unsure')
})

test('a condition without fields is a constant', () => {
  const isTrue = (text: string): unknown => {
    const tree = simpleCondition(text)
    return 'kind' in tree && tree.kind === 'constant' && tree.isTrue
  }
  assert.equal(isTrue('1 < 2'), true)
  assert.equal(isTrue('"a".contains("b")'), false)
})
