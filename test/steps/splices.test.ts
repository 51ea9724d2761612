import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { memberSpans, skipSpace } from '../../src/parsers/json-spans.ts'
import { run } from './steps-under-test.ts'

/** Random lines and random steps: nothing that no step names may change, and what is named becomes what a plain program makes of it. */

const keys = ['a', 'b', 'c', 'd', 'a.b', 'b.c', 'é', 'q"']
const names = ['a', 'b', 'c', 'a.b', 'a.b.c', 'b.c', 'a.c', 'é', 'q"', 'z']
const space = fc.constantFrom('', '', '', ' ', '\t', ' \t ')

const keyText = fc.constantFrom(...keys).chain((key) => {
  const escaped = Array.from(key, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
  return fc.constantFrom(JSON.stringify(key), JSON.stringify(key), `"${escaped}"`)
})
const scalar = fc.constantFrom(
  '1',
  '-1.50',
  '1e5',
  '12345678901234567890',
  'true',
  'null',
  '"x"',
  '"\\u0041\\n\\/"',
  '"{},"',
  '""',
)

const member = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(space, keyText, space, space, value, space)
    .map(([s1, key, s2, s3, v, s4]) => `${s1}${key}${s2}:${s3}${v}${s4}`)

const { value: anyValue } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(' ,')}]`),
    fc.array(member(tie('value')), { maxLength: 3 }).map((members) => `{${members.join(',')}}`),
  ),
}))

/** A JSON line with anything in it, duplicates included. */
const anyLine = fc.array(member(anyValue), { maxLength: 6 }).map((members) => `{${members.join(',')}}`)

/** Without what a parsed object cannot show. */
const plainLine = fc
  .letrec<{ object: Record<string, unknown>; value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(1, 1.5, 'x', null, true, [1, 'y']),
      tie('object'),
    ),
    object: fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 5 }),
  }))
  .object.map((object) => ({ ...object }))

const areNested = (a: string, b: string): boolean => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)
const name = fc.constantFrom(...names)
const step = fc.oneof(
  fc.uniqueArray(name, { minLength: 1, maxLength: 3 }).map((remove) => ({ remove })),
  fc
    .tuple(name, name)
    .filter(([a, b]) => !areNested(a, b))
    .map(([from, to]) => ({ rename: { [from]: to } })),
  fc.tuple(name, fc.constantFrom(7, 'new', false)).map(([at, value]) => ({ add: { [at]: value } })),
)
const someSteps = fc.array(step, { minLength: 1, maxLength: 4 })
type StepOf = Partial<{ remove: string[]; rename: Record<string, string>; add: Record<string, unknown> }>

const namesOf = (steps: readonly StepOf[]): string[] =>
  steps.flatMap(({ remove = [], rename = {}, add = {} }) => [
    ...remove,
    ...Object.entries(rename).flat(),
    ...Object.keys(add),
  ])

/** The bytes of the top-level members that no name leads to. */
function untouched(line: string, named: readonly string[]): string[] {
  const bytes = Buffer.from(line)
  return memberSpans(bytes, skipSpace(bytes, 0))
    .filter(({ key }) => !named.some((one) => one === key || one.startsWith(`${key}.`)))
    .map(({ keyStart, valueEnd }) => bytes.toString('utf8', keyStart, valueEnd))
}

test('the result is valid JSON, and what no step names is there byte for byte and in order', () => {
  fc.assert(
    fc.property(anyLine, someSteps, (line, steps) => {
      const result = run(steps, line)
      const parsed: unknown = JSON.parse(result.line)
      assert.equal(typeof parsed, 'object')
      assert.doesNotThrow(() => JSON.parse(result.document))
      const named = namesOf(steps)
      assert.deepEqual(untouched(result.line, named), untouched(line, named))
    }),
    { numRuns: 1500 },
  )
})

type Plain = Record<string, unknown>
const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Where a name leads to in a parsed object. */
function placesOf(object: Plain, path: string, above = ''): { object: Plain; key: string; above: string }[] {
  return Object.keys(object).flatMap((key) => {
    if (key === path) return [{ object, key, above }]
    const child = object[key]
    return path.startsWith(`${key}.`) && isPlain(child)
      ? placesOf(child, path.slice(key.length + 1), `${above}${key}.`)
      : []
  })
}

function removeFrom(root: Plain, path: string): void {
  for (const { object, key } of placesOf(root, path)) delete object[key]
}

/** The steps as anybody would write them over parsed objects. */
function apply(root: Plain, { remove = [], rename = {}, add = {} }: StepOf): void {
  for (const path of remove) removeFrom(root, path)
  for (const [from, to] of Object.entries(rename)) {
    if (placesOf(root, from).length === 0) continue
    removeFrom(root, to)
    const moved: unknown[] = []
    for (const { object, key, above } of placesOf(root, from)) {
      const value = object[key]
      delete object[key]
      if (to.startsWith(above)) object[to.slice(above.length)] = value
      else moved.push(value)
    }
    for (const value of moved) root[to] = value
  }
  for (const [path, value] of Object.entries(add)) {
    const places = placesOf(root, path)
    for (const { object, key } of places) object[key] = value
    if (places.length === 0) root[path] = value
  }
}

test('a plain program over parsed objects comes to the same members', () => {
  fc.assert(
    fc.property(plainLine, someSteps, (object, steps) => {
      const line = JSON.stringify(object)
      const expected: Plain = JSON.parse(line)
      for (const one of steps) apply(expected, one)
      assert.deepEqual(JSON.parse(run(steps, line).line), expected)
    }),
    { numRuns: 1500 },
  )
})
