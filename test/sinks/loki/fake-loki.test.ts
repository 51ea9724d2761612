import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DecodeError, type DecodedStream } from '../../support/loki-decode.ts'
import { LokiRules, type Verdict } from '../../support/loki-rules.ts'
import { readFixture, type Fixture } from './answer/fixture.ts'

/** The push behind a fixture, as far as the answer can tell. */
function streamOf(fixture: Fixture): DecodedStream {
  const labels = Object.entries(fixture.labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return {
    labels: `{${labels.join(', ')}}`,
    entries: fixture.entries.map(({ time, line_bytes: length, metadata }) => ({
      time: BigInt(time),
      line: 'x'.repeat(length),
      metadata: Object.entries(metadata).map(([name, bytes]) => [name, 'y'.repeat(bytes)] as const),
    })),
  }
}

function answerOfFake(fixture: Fixture, newest?: bigint): Verdict {
  const rules = new LokiRules()
  const stream = streamOf(fixture)
  const keepNothing = (): void => {}
  if (newest !== undefined) {
    const seed = { labels: stream.labels, entries: [{ time: newest, line: 'newest', metadata: [] }] }
    rules.push([seed], fixture.sent_at_ms, keepNothing)
  }
  try {
    return rules.push([stream], fixture.sent_at_ms, keepNothing)
  } catch (error) {
    if (error instanceof DecodeError) return { status: 400, text: error.message }
    throw error
  }
}

/** Groups come in the order of a Go map; the size of a gRPC message is not ours to know. */
function groups({ status, text }: { status: number; text: string }): unknown {
  const plain = text.trim().replace(/\(\d+ vs/, '(N vs')
  return [status, plain.split(/; (?=\d+ errors like)/).sort()]
}

describe('the fake Loki answers as the real one did', () => {
  const names = [
    'accepted',
    'too-old',
    'too-old-one',
    'too-new',
    'too-long',
    'old-long-metadata',
    'too-many-labels',
    'label-value-too-long',
    'label-name-too-long',
    'metadata-too-many',
    'metadata-too-large',
    'hostile-label',
    'grpc-limit',
    'tenant-rate',
  ]
  for (const name of names) {
    test(name, () => {
      const fixture = readFixture(name)
      assert.deepEqual(groups(answerOfFake(fixture)), groups(fixture))
    })
  }

  for (const name of ['too-far-behind', 'too-far-behind-12', 'too-far-behind-and-too-old']) {
    test(name, () => {
      const fixture = readFixture(name)
      // All of them were sent two hours behind the newest entry of their stream.
      const late = fixture.entries
        .map((entry) => BigInt(entry.time))
        .filter((time) => isRecent(time, fixture))
      const newest = late.reduce((first, time) => (time < first ? time : first)) + 7200n * 1_000_000_000n
      assert.deepEqual(groups(answerOfFake(fixture, newest)), groups(fixture))
    })
  }

  test('stream-rate-and-behind: one text for both, with the status of the last entry', () => {
    const fixture = readFixture('stream-rate-and-behind')
    const stream = streamOf(fixture)
    const rules = new LokiRules()
    const newest = { time: BigInt(fixture.sent_at_ms) * 1_000_000n, line: 'newest', metadata: [] }
    rules.push([{ labels: stream.labels, entries: [newest] }], fixture.sent_at_ms, () => {})
    // As many as the real one had room for.
    const answer = rules.push([stream], fixture.sent_at_ms, ({ entries }) => entries.slice(10))
    assert.equal(answer.status, fixture.status)
    const ending = /total ignored: .*$/m
    assert.equal(ending.exec(answer.text)?.[0], ending.exec(fixture.text)?.[0])
    const reasons = (text: string): string[] =>
      [...text.matchAll(/^entry with timestamp (.*) ignored, reason: '([\w ]+)/gm)].map((found) =>
        found.slice(1).join(' '),
      )
    assert.deepEqual(reasons(answer.text), reasons(fixture.text))
  })

  for (const name of ['label-name-invalid', 'label-value-fffd']) {
    test(`${name}: a parse error`, () => {
      const { status, text } = answerOfFake(readFixture(name))
      assert.equal(status, 400)
      assert.match(text, /^couldn't parse labels: 1:\d+: parse error: /)
      assert.match(readFixture(name).text, /^couldn't parse labels: 1:\d+: parse error: /)
    })
  }
})

function isRecent(time: bigint, fixture: Fixture): boolean {
  return Number(time / 1_000_000n) > fixture.sent_at_ms - 86_400_000
}
