import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { judge } from '../../../../src/sinks/loki/answer/judge.ts'
import { answerOf, entriesOf, entry, judgeFixture, readFixture, sentPush, summary } from './fixture.ts'

describe('answers captured from Loki 3.7.8', () => {
  const rows: readonly (readonly [fixture: string, expected: string | readonly string[]])[] = [
    ['accepted', 'all accepted'],
    ['too-old', ['rejected too_old', 'rejected too_old', 'rejected too_old', 'accepted']],
    ['too-old-one', ['rejected too_old']],
    ['too-new', ['accepted', 'rejected too_new']],
    ['too-long', ['rejected too_large', 'accepted', 'rejected too_large']],
    [
      'old-long-metadata',
      ['rejected too_old', 'rejected too_large', 'rejected metadata', 'rejected metadata', 'accepted'],
    ],
    ['too-far-behind', ['reroute 1', 'accepted']],
    ['too-far-behind-12', [...Array.from({ length: 12 }, () => 'reroute 1'), 'accepted']],
    ['too-far-behind-and-too-old', 'split poison, alone reroute 1'],
    ['too-many-labels', 'all rejected labels'],
    ['label-value-too-long', 'all rejected labels'],
    ['label-value-too-long-raw', 'all rejected labels'],
    ['label-name-too-long', 'all rejected labels'],
    ['label-name-invalid', 'all rejected labels'],
    ['label-value-fffd', 'all rejected labels'],
    ['hostile-label', ['rejected too_old', 'accepted']],
    ['metadata-too-many', ['rejected metadata', 'accepted']],
    ['metadata-too-large', ['rejected metadata', 'accepted']],
    ['metadata-disallowed', 'all hold unexpected_status'],
    ['label-missing', 'all hold unexpected_status'],
    ['no-tenant', 'all hold unauthorized'],
    ['bad-tenant', 'all hold unexpected_status'],
    ['blocked', 'all hold blocked'],
    ['no-streams', 'all hold unexpected_status'],
    ['bad-json', 'split poison, alone rejected malformed'],
    ['bad-snappy', 'split poison, alone rejected malformed'],
    ['bad-protobuf', 'split poison, alone rejected malformed'],
    ['grpc-limit', 'split too_large, alone rejected too_large'],
    ['tenant-rate', 'all retry throttled'],
    ['stream-limit', ['retry item_throttled', 'retry item_throttled']],
    ['stream-rate', Array.from({ length: 15 }, () => 'retry item_throttled')],
    ['stream-rate-whole', Array.from({ length: 15 }, () => 'retry item_throttled')],
    ['stream-rate-and-behind', Array.from({ length: 15 }, () => 'retry item_throttled')],
  ]
  for (const [fixture, expected] of rows) {
    test(`${fixture} comes to ${typeof expected === 'string' ? expected : 'one outcome for each entry'}`, () => {
      assert.deepEqual(summary(judgeFixture(fixture)), expected)
    })
  }

  test('a late entry that can be sent nowhere else is rejected', () => {
    assert.deepEqual(summary(judgeFixture('too-far-behind', { mayReroute: false })), [
      'rejected too_far_behind',
      'accepted',
    ])
  })

  test('of a stream that the server shards the late entries are rerouted, the untold ones sent again', () => {
    const outcomes = summary(judgeFixture('too-far-behind-sharded'))
    assert.deepEqual(outcomes, [
      ...Array.from({ length: 20 }, () => 'reroute 1'),
      ...Array.from({ length: 21 }, () => 'retry item_error'),
    ])
    assert.equal(
      summary(judgeFixture('too-far-behind-sharded', { mayReroute: false })),
      'split poison, alone rejected too_far_behind',
    )
  })

  test('rate refusals under a 400 are sent again, the late one is rerouted, the rest was taken', () => {
    const outcomes = summary(judgeFixture('behind-and-stream-rate-last-behind'))
    assert.deepEqual(outcomes, [
      'reroute 1',
      ...Array.from({ length: 10 }, () => 'accepted'),
      ...Array.from({ length: 4 }, () => 'retry item_throttled'),
    ])
  })

  test('rate refusals under a 400 of which only ten are listed are bisected', () => {
    const fixture = readFixture('stream-rate-whole')
    assert.match(fixture.text, /total ignored: 15 out of 15/)
    const result = judge(answerOf({ text: fixture.text }), sentPush(entriesOf(fixture)))
    assert.equal(summary(result), 'split poison, alone retry item_throttled')
  })

  test('a rejection keeps the status, a type and the text of the server, cut', () => {
    const result = judgeFixture('label-value-too-long')
    assert.ok(result.kind === 'all' && result.outcome.kind === 'rejected')
    assert.equal(result.outcome.status, 400)
    assert.equal(result.outcome.type, 'label_value_too_long')
    assert.equal(result.outcome.text.length, 500)
  })
})

describe('answers of gateways and other trouble', () => {
  const rows: readonly (readonly [status: number, text: string, expected: string])[] = [
    [200, '', 'all hold unexpected_status'],
    [202, '', 'all hold unexpected_status'],
    [301, '', 'all hold redirect'],
    [307, '', 'all hold redirect'],
    [400, 'something that nobody knows', 'split poison, alone rejected refused'],
    [401, 'Unauthorized', 'all hold unauthorized'],
    [403, '', 'all hold forbidden'],
    [404, '404 page not found', 'all hold not_found'],
    [405, '', 'all hold unexpected_status'],
    [407, '', 'all hold unauthorized'],
    [408, '', 'all retry server_error'],
    [413, '', 'split too_large, alone rejected too_large'],
    [429, '', 'all retry throttled'],
    [500, 'internal', 'all retry server_error'],
    [502, '', 'all retry server_error'],
    [503, '', 'all retry server_error'],
    [504, '', 'all retry server_error'],
  ]
  for (const [status, text, expected] of rows) {
    test(`${status} ${text} comes to ${expected}`, () => {
      assert.equal(summary(judge(answerOf({ status, text }), sentPush([entry(1n)]))), expected)
    })
  }

  test('a 400 with a page of HTML holds: it is no word of Loki', () => {
    const answer = answerOf({
      contentType: 'text/html',
      text: '<h1>400 The plain HTTP request was sent to HTTPS port',
    })
    assert.equal(summary(judge(answer, sentPush([entry(1n)]))), 'all hold unexpected_status')
  })

  test('the third 429 in a row of a push over 1 MiB halves it, a smaller one waits on', () => {
    const answer = answerOf({ status: 429, text: 'slow down' })
    const judged = (rawBytes: number, throttledInARow: number): unknown =>
      summary(judge(answer, sentPush([entry(1n)], { rawBytes, throttledInARow })))
    assert.equal(judged(2 ** 20 + 1, 2), 'all retry throttled')
    assert.equal(judged(2 ** 20 + 1, 3), 'split too_large, alone retry throttled')
    assert.equal(judged(2 ** 20, 9), 'all retry throttled')
  })

  test('Retry-After is handed on, also where a stream limit would have been', () => {
    const { text } = readFixture('stream-limit')
    const result = judge(answerOf({ status: 429, text, retryAfterMs: 3000 }), sentPush([entry(1n)]))
    assert.deepEqual([result.kind, result.kind === 'all' && result.retryAfterMs], ['all', 3000])
  })
})

describe('texts that do not account for all', () => {
  const old = 10n * 1_000_000_000n
  const text = (count: number): string =>
    `${count} errors like: entry for stream '{a="b"}' has timestamp too old: 1970-01-01T00:00:10Z, oldest acceptable timestamp is: 1970-01-08T00:00:00Z`

  test('more refusals than entries of that second: bisect', () => {
    const result = judge(answerOf({ text: text(3) }), sentPush([entry(old), entry(old + 1n)]))
    assert.equal(summary(result), 'split poison, alone rejected too_old')
  })

  test('fewer refusals than entries of that second: the oldest ones, as it is a threshold', () => {
    const result = judge(answerOf({ text: text(1) }), sentPush([entry(old), entry(old + 1n)]))
    assert.deepEqual(summary(result), ['rejected too_old', 'accepted'])
  })

  test('a line size that more entries have than were refused: bisect', () => {
    const long = `max entry size '10' bytes exceeded for stream '{a="b"}' while adding an entry with length '11' bytes`
    assert.equal(
      summary(judge(answerOf({ text: long }), sentPush([entry(1n, 11), entry(2n, 11)]))),
      'split poison, alone rejected too_large',
    )
  })

  test('a known form with something unknown behind it: bisect', () => {
    const result = judge(answerOf({ text: `${text(1)}; and more` }), sentPush([entry(old)]))
    assert.equal(summary(result), 'split poison, alone rejected refused')
  })

  test('an answer too large to be read: bisect', () => {
    assert.equal(
      summary(judge(answerOf({ text: '' }), sentPush([entry(1n)]))),
      'split poison, alone rejected refused',
    )
  })
})
