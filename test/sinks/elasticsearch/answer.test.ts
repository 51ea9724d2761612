import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import type { Outcome } from '../../../src/core/outcome.ts'
import { isAllWell, readAnswer } from '../../../src/sinks/elasticsearch/answer.ts'
import type { ItemRules } from '../../../src/sinks/elasticsearch/item-outcome.ts'
import { requestOutcome } from '../../../src/sinks/elasticsearch/request-outcome.ts'
import { batchItem, storedEvent } from '../../support/stored-event.ts'

interface Fixture {
  readonly status: number
  readonly answer: string
}

const folder = 'test/fixtures/elasticsearch'

/** An answer as Elasticsearch 9.5.3 gave it. */
function fixture(name: string): Fixture {
  const parsed: Fixture = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'))
  return parsed
}

const ours: ItemRules = { op: 'create', id: 'own' }
const foreign: ItemRules = { op: 'create', id: 'field' }

function outcomes(
  answer: string,
  count: number,
  rules = ours,
  unanswered = false,
): readonly Outcome[] | undefined {
  const items = Array.from({ length: count }, () => batchItem(storedEvent(), { unanswered }))
  return readAnswer(Buffer.from(answer), items, rules)
}

/** `kind reason` of each item of a captured answer. */
function verdicts(name: string, count: number, rules = ours): string[] | undefined {
  return outcomes(fixture(name).answer, count, rules)?.map(verdict)
}

function verdict(outcome: Outcome): string {
  if (outcome.kind !== 'accepted') return `${outcome.kind} ${outcome.reason}`
  return ['accepted', outcome.duplicate ? 'duplicate' : '', outcome.note ?? ''].filter(Boolean).join(' ')
}

test('captured answers of a real server end as the design says, item by item', () => {
  const table: readonly [string, readonly string[]][] = [
    ['created', ['accepted', 'accepted']],
    ['created-unfiltered', ['accepted']],
    ['updated', ['accepted']],
    ['conflict', ['accepted duplicate', 'accepted']],
    ['mapping', ['rejected mapping', 'rejected mapping', 'accepted']],
    [
      'bad-json',
      ['rejected malformed', 'rejected malformed', 'rejected malformed', 'accepted', 'rejected malformed'],
    ],
    ['date-out-of-range', ['rejected mapping']],
    ['strict', ['rejected mapping']],
    ['field-limit', ['rejected mapping']],
    ['stream-no-timestamp', ['rejected mapping']],
    ['empty-id', ['rejected mapping']],
    ['closed-index', ['hold index_closed', 'accepted']],
    ['write-block', ['hold blocked', 'accepted']],
    ['flood-stage', ['retry item_throttled']],
    ['pipeline-missing', ['hold pipeline_missing']],
    ['pipeline-empty', ['accepted']],
    ['index-not-found', ['hold not_found']],
    ['alias-without-write-index', ['hold not_found']],
    ['shard-limit', ['hold shard_limit', 'accepted']],
    ['stream-created', ['accepted', 'accepted duplicate']],
    ['stream-wrong-op', ['hold wrong_op']],
  ]
  for (const [name, expected] of table) {
    assert.deepEqual(verdicts(name, expected.length), expected, name)
    assert.equal(fixture(name).status, 200, name)
  }
})

test('no captured answer is left out of these tests', () => {
  const known = readFileSync('test/sinks/elasticsearch/answer.test.ts', 'utf8')
  for (const file of readdirSync(folder)) {
    assert.ok(known.includes(`'${file.replace('.json', '')}'`), file)
  }
})

test('a rejected item keeps the name and the text of the server, with its causes', () => {
  const [outcome] = outcomes(fixture('mapping').answer, 3)!
  assert.ok(outcome?.kind === 'rejected')
  assert.equal(outcome.status, 400)
  assert.equal(outcome.type, 'document_parsing_exception')
  assert.match(outcome.text, /failed to parse field \[n\] of type \[long\].*For input string/)
})

test('a 409 on an id from a field is accepted only where an earlier attempt got no answer', () => {
  assert.deepEqual(verdicts('conflict', 2, foreign), ['rejected conflict', 'accepted'])
  const { answer } = fixture('conflict')
  assert.deepEqual(outcomes(answer, 2, foreign, true)?.map(verdict), ['accepted duplicate', 'accepted'])
  assert.deepEqual(outcomes(answer, 2, { op: 'index', id: 'own' })?.map(verdict)[0], 'rejected conflict')
})

test('a 409 about something else is no proof that the document is there', () => {
  const item = { create: { status: 409, error: { type: 'resource_busy_exception', reason: 'x' } } }
  assert.deepEqual(outcomes(JSON.stringify({ errors: true, items: [item] }), 1)?.map(verdict), [
    'retry item_error',
  ])
})

test('statuses that no fixture shows', () => {
  const table: readonly [number, string, string][] = [
    [500, 'mapper_exception', 'retry item_error'],
    [503, 'unavailable_shards_exception', 'retry item_error'],
    [429, 'es_rejected_execution_exception', 'retry item_throttled'],
    [401, 'security_exception', 'hold unauthorized'],
    [403, 'security_exception', 'hold forbidden'],
    [302, '', 'hold unexpected_status'],
    [413, '', 'rejected too_large'],
    [422, 'whatever', 'rejected refused'],
    [400, 'invalid_index_name_exception', 'rejected refused'],
  ]
  const items = table.map(([status, type]) => ({ create: { status, error: { type, reason: '' } } }))
  assert.deepEqual(
    outcomes(JSON.stringify({ errors: true, items }), items.length)?.map(verdict),
    table.map(([, , expected]) => expected),
  )
})

test('every kind of item in one answer gets its own verdict', () => {
  const items = [201, 409, 429, 400, 503].map((status) => ({ create: { status } }))
  assert.deepEqual(outcomes(JSON.stringify({ errors: true, items }), 5)?.map(verdict), [
    'accepted',
    'accepted duplicate',
    'retry item_throttled',
    'rejected refused',
    'retry item_error',
  ])
})

test('what went to the failure store is accepted and named, also where there are no errors', () => {
  const items = [
    { create: { status: 201, failure_store: 'used' } },
    { create: { status: 201, failure_store: 'not_enabled' } },
  ]
  assert.deepEqual(outcomes(JSON.stringify({ errors: false, items }), 2)?.map(verdict), [
    'accepted failure_store',
    'accepted',
  ])
})

test('answers that are not what was asked for are not believed', () => {
  const one = '{"create":{"status":201}}'
  for (const answer of [
    '',
    '{}',
    'null',
    '[]',
    '<html>It works!</html>',
    '{"errors":false,"items":[]}',
    `{"errors":false,"items":[${one}]}`,
    `{"errors":false,"items":[${one},${one},${one}]}`,
    `{"errors":false,"items":[${one},${one}`,
    `{"errors":false,"items":{"0":${one},"1":${one}}}`,
  ]) {
    assert.equal(outcomes(answer, 2), undefined, answer)
  }
})

test('"errors":false does not hide an item that was refused', () => {
  const answer = '{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":400}}]}'
  assert.equal(isAllWell(Buffer.from(answer), 2), false)
  assert.deepEqual(outcomes(answer, 2)?.map(verdict), ['accepted', 'rejected refused'])
})

test('an item that cannot be read is sent again, the others are settled', () => {
  const answer =
    '{"errors":true,"items":[{"create":{"status":201}},{"create":{}},5,null,{"a":{"status":201},"b":1},{"create":{"status":"201"}}]}'
  assert.deepEqual(outcomes(answer, 6)?.map(verdict), ['accepted', ...Array(5).fill('retry bad_answer')])
})

test('spaces and another order of members make no difference', () => {
  const answer =
    ' {\n "items" : [ { "create" : { "_id" : "\\"status\\":400", "status" : 201 } } ],\n "errors" : false }\n'
  assert.deepEqual(outcomes(answer, 1)?.map(verdict), ['accepted'])
})

test('an id that looks like a status is not counted as one', () => {
  const answer = JSON.stringify({
    errors: false,
    items: [{ create: { _id: '"status":201,"status":201', status: 201 } }],
  })
  assert.equal(isAllWell(Buffer.from(answer), 1), true)
  assert.equal(isAllWell(Buffer.from(answer), 3), false)
})

test('whole requests that a real server refuses', () => {
  const table: readonly [string, string][] = [
    ['long-id', 'split poison rejected action_request_validation_exception'],
    ['bad-action', 'split poison rejected illegal_argument_exception'],
    ['newline-in-document', 'split poison rejected x_content_parse_exception'],
    ['no-final-newline', 'split poison rejected illegal_argument_exception'],
    ['empty-body', 'split poison rejected parse_exception'],
    ['wrong-type', 'all 406 retry server_error'],
  ]
  for (const [name, expected] of table) {
    const { status, answer } = fixture(name)
    assert.equal(requestVerdict(status, answer), expected, name)
  }
  // Not of a bulk, but of the index: see the test of names.
  assert.equal(fixture('bad-index-names').status, 200)
})

test('statuses of whole requests', () => {
  const table: readonly [number, string, string][] = [
    [401, '', 'all 401 hold unauthorized'],
    [403, '', 'all 403 hold forbidden'],
    [404, '', 'all 404 hold not_found'],
    [301, '', 'all 301 hold redirect'],
    [307, '', 'all 307 hold redirect'],
    [413, '', 'split too_large rejected http_413'],
    [400, '{"error":"no"}', 'split poison rejected error'],
    [400, '', 'split poison rejected http_400'],
    [400, '<html>The plain HTTP request was sent to HTTPS port</html>', 'all 400 hold unexpected_status'],
    [400, 'Client sent an HTTP request to an HTTPS server.', 'all 400 hold unexpected_status'],
    [408, '', 'all 408 retry server_error unanswered'],
    [429, '', 'all 429 retry throttled'],
    [500, '', 'all 500 retry server_error unanswered'],
    [502, '', 'all 502 retry server_error unanswered'],
    [503, '', 'all 503 retry server_error'],
    [504, '', 'all 504 retry server_error unanswered'],
  ]
  for (const [status, body, expected] of table)
    assert.equal(requestVerdict(status, body), expected, String(status))
})

function requestVerdict(status: number, body: string): string {
  const result = requestOutcome({ status, body: Buffer.from(body), retryAfterMs: undefined })
  if (result.kind === 'split') {
    const { single } = result
    return `split ${result.why} ${single.kind} ${single.kind === 'rejected' ? single.type : ''}`
  }
  assert.ok(result.kind === 'all')
  return `all ${result.code} ${verdict(result.outcome)}${result.unanswered ? ' unanswered' : ''}`
}

test('thousands of items are all well only if every one of them is, and there are as many as were sent', () => {
  const item = '{"create":{"status":201}}'
  const answerOf = (items: readonly string[]): Buffer =>
    Buffer.from(`{"errors":false,"took":3,"items":[${items.join(',')}]}\n`)
  const items = Array.from({ length: 500 }, () => item)
  assert.ok(isAllWell(answerOf(items), 500))
  assert.ok(isAllWell(answerOf([item]), 1))
  assert.ok(isAllWell(answerOf(items.toSpliced(7, 1, '{"create":{"status":200}}')), 500))
  for (const count of [499, 501, 250, 1]) assert.ok(!isAllWell(answerOf(items), count))
  for (const at of [0, 1, 250, 499]) {
    for (const other of [
      '{"create":{"status":409}}',
      '{"create":{"status":201,"error":{"type":"x"}}}',
      '{}',
      '',
    ]) {
      assert.ok(!isAllWell(answerOf(items.toSpliced(at, 1, other)), 500), `${at} ${other}`)
    }
  }
  const failed = '{"create":{"status":429,"error":{"type":"x"}}}'
  assert.ok(!isAllWell(answerOf(items.map(() => failed)), 500))
  for (let cut = 1; cut < 60; cut++) assert.ok(!isAllWell(answerOf(items).subarray(0, -1 - cut), 500))
})
