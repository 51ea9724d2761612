import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { components, sourceDefinition } from '../../src/components/manifest.ts'
import { componentSchema } from '../../src/config/schema.ts'

describe('the manifest', () => {
  it('has the types of the contract', () => {
    assert.deepEqual(
      components.sources.map(({ type }) => type),
      ['file', 'stdin'],
    )
    assert.deepEqual(
      components.sinks.map(({ type }) => type),
      ['elasticsearch', 'loki', 'file', 'console'],
    )
  })

  it('a type that is not in it is our own mistake', () => {
    assert.throws(() => sourceDefinition('nope'), RangeError)
  })

  for (const kind of ['source', 'sink'] as const) {
    for (const definition of kind === 'source' ? components.sources : components.sinks) {
      it(`${kind} ${definition.type} refuses unknown keys and describes every key`, () => {
        const schema = componentSchema(kind, definition)
        const wrong = schema.safeParse({ type: definition.type, '\0unknown': 1 })
        assert.ok(wrong.error?.issues.some(({ code }) => code === 'unrecognized_keys'))
        assert.ok(definition.summary.endsWith('.'), definition.summary)
        const { properties = {} } = z.toJSONSchema(schema, { io: 'input' })
        for (const [key, property] of Object.entries(properties)) {
          const isDescribed = typeof property === 'object' && property.description
          assert.ok(isDescribed, `${key} has no description`)
        }
      })

      if (kind === 'sink') {
        it(`sink ${definition.type} has what delivery needs`, () => {
          const { shape } = componentSchema(kind, definition)
          for (const key of ['retry', 'timeout', 'max_in_flight', 'when_full']) assert.ok(key in shape, key)
        })
      }
    }
  }
})
