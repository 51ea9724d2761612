import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { components } from '../../src/components/manifest.ts'
import { configJsonSchema, plainJsonSchema } from '../../src/config/json-schema.ts'
import { isObject } from '../../src/config/values.ts'

/** The part of the schema that describes a key, through objects, records and the variants of a type. */
function at(schema: unknown, ...path: readonly string[]): Record<string, unknown> {
  const found = path.reduce<unknown>((part, key) => (isObject(part) ? part[key] : undefined), schema)
  assert.ok(isObject(found), path.join('.'))
  return found
}

const schema = configJsonSchema(components)

test('an editor is told of unknown keys, defaults as people write them, and descriptions', () => {
  assert.equal(at(schema)['additionalProperties'], false)
  const fsync = at(schema, 'properties', 'buffer', 'properties', 'fsync')
  assert.equal(fsync['default'], '1s')
  assert.ok(typeof fsync['description'] === 'string')
})

test('a number or a boolean may be one ${…}; a string needs nothing for that', () => {
  const { anyOf } = at(plainAndReferences())
  assert.deepEqual(anyOf, [{ type: 'boolean' }, { type: 'string', pattern: '^\\$\\{.*\\}$' }])
  const text = JSON.stringify(schema)
  const bare = [
    ...text.matchAll(/"type":"(?:integer|boolean|number)"(?![^{}]*\},\{"type":"string","pattern":"\^)/g),
  ]
  assert.deepEqual(
    bare.map(({ index }) => text.slice(index - 80, index + 80)),
    [],
  )
})

test('what zod makes of a transform keeps the text of its default', () => {
  const sized = z.string().transform(Number).default(5).meta({ default: '5B' })
  assert.equal(plainJsonSchema(z.strictObject({ sized })).properties?.['sized'] !== undefined, true)
  assert.equal(at(plainJsonSchema(z.strictObject({ sized })), 'properties', 'sized')['default'], '5B')
})

function plainAndReferences(): unknown {
  return at(schema, 'properties', 'enrich', 'properties', 'trace')
}
