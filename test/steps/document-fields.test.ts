import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileCondition } from '../../src/steps/condition.ts'
import { DocumentFields } from '../../src/steps/document-fields.ts'

const trouble = { add() {} }
const fields = new DocumentFields()
const isTrue = (document: string, condition: string): boolean =>
  compileCondition(condition).isTrue(fields.of(document), trouble)

test('a condition asks a document for its own names, for paths, and for the level as steps know it', () => {
  const document = '{"log.level":"warn","host.name":"vm","http":{"status":503},"level":"WARNING","n":12}'
  for (const condition of ["level == 'warn'", "host.name == 'vm'", 'http.status >= 500', 'n == 12'])
    assert.ok(isTrue(document, condition), condition)
  assert.ok(!isTrue(document, "absent == 'x'"))
})

test('what the document before said is forgotten', () => {
  assert.ok(isTrue('{"a":1}', 'a == 1'))
  assert.ok(!isTrue('{"b":1}', 'a == 1'))
})

test('a document cannot be edited', () => {
  assert.throws(() => fields.of('{"a":1}').remove(['a']), /not edited/)
})
