import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operationsOf } from '../../../src/lanes/fast/step-operations.ts'
import { simpleSteps } from '../../../src/steps/simple-steps.ts'
import { stepsSchema } from '../../../src/steps/schema.ts'

function kindsOf(steps: readonly unknown[]): string[] {
  const simple = simpleSteps(stepsSchema('').parse(steps), [])
  assert.ok(!('because' in simple))
  return operationsOf(simple).map(({ kind }) => kind)
}

test('edits of different members are done at once', () => {
  const steps = [{ add: { a: 1, b: 2 } }, { rename: { c: 'd' } }]
  assert.deepEqual(kindsOf(steps), ['add', 'add', 'rename'])
})

test('a line is looked at again before somebody asks about what was edited', () => {
  assert.deepEqual(kindsOf([{ rename: { a: 'b' } }, { add: { b: 1 } }]), ['rename', 'look', 'add'])
  assert.deepEqual(kindsOf([{ add: { a: 1 } }, { keep: { if: 'c == 1' } }]), ['add', 'look', 'filter'])
  assert.deepEqual(kindsOf([{ add: { 'a.b': 1 } }, { add: { a: 1 } }]), ['add', 'look', 'add'])
})

test('nothing else is edited together with what is cut', () => {
  assert.deepEqual(kindsOf([{ remove: ['a', 'b'] }]), ['remove', 'look', 'remove', 'look'])
  assert.deepEqual(kindsOf([{ add: { a: 1 } }, { rename: { 'b.c': 'd' } }]), [
    'add',
    'look',
    'rename',
    'look',
  ])
})
