import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { adviceFor } from '../../src/cli/dlq/advice.ts'
import { fieldNamed } from '../../src/cli/dlq/field-named.ts'
import { LetterGroups } from '../../src/cli/dlq/letter-groups.ts'
import { limits } from '../../src/core/limits.ts'
import { rejectReasons } from '../../src/core/outcome.ts'
import { fakeLetter } from '../support/letters.ts'

/** The reasons of the refused items of a captured answer of Elasticsearch. */
function refusals(fixture: string): string[] {
  const { answer } = JSON.parse(readFileSync(`test/fixtures/elasticsearch/${fixture}.json`, 'utf8'))
  const { items } = JSON.parse(answer)
  return items
    .map(
      (item: Record<string, { error?: { type: string; reason: string } }>) => Object.values(item)[0]!.error,
    )
    .filter((error: unknown) => error !== undefined)
    .map(({ type, reason }: { type: string; reason: string }) => `${type}: ${reason}`)
}

test('what a real server says names its field, and has an advice that knows it', () => {
  for (const [fixture, field, advice] of [
    ['mapping', 'n', /has n as long/],
    ['strict', 'x', /strict and does not know x/],
    ['field-limit', '', /More different fields/],
    ['stream-no-timestamp', '@timestamp', /wants one @timestamp/],
    ['date-out-of-range', '@timestamp', /has @timestamp as date/],
  ] as const) {
    const [text] = refusals(fixture)
    assert.equal(fieldNamed(text!), field, text)
    assert.match(adviceFor({ reason: 'mapping', type: '', text: text!, field }), advice)
  }
})

test('an object where a value was, and the like', () => {
  for (const [text, field] of [
    ['object mapping for [a.b] tried to parse field [b] as object, but found a concrete value', 'a.b'],
    ['mapper [a] cannot be changed from type [long] to [text]', 'a'],
    [
      'Could not dynamically add mapping for field [foo.bar]. Existing mapping for [foo] must be of type object but found [keyword].',
      'foo.bar',
    ],
    ["can't merge a non object mapping [host] with an object mapping", 'host'],
  ] as const) {
    assert.equal(fieldNamed(text), field)
    assert.match(adviceFor({ reason: 'mapping', type: '', text, field }), /an object in some events/)
  }
})

test('every reason has an advice, one that is not known yet too', () => {
  for (const reason of [...rejectReasons, 'of_a_later_version', 'toString'])
    assert.match(adviceFor({ reason, type: '', text: '', field: '' }), /\.$/)
})

test('a field that looks like a pattern of replace stands in the advice as it is', () => {
  const text = 'failed to parse field [$&] of type [long]'
  assert.match(adviceFor({ reason: 'mapping', type: '', text, field: fieldNamed(text) }), /has \$& as long/)
})

test('fields without end make no groups without end', () => {
  const groups = new LetterGroups()
  for (let index = 0; index < limits.letterGroups + 500; index += 1)
    groups.add(fakeLetter({ text: `failed to parse field [f${index}] of type [long]` }))
  const list = groups.list()
  assert.equal(list.length, limits.letterGroups + 1)
  assert.deepEqual([list[0]!.field, list[0]!.letters], ['', 500])
})
