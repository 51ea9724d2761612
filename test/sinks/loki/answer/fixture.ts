import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { judge, type Answer, type SentPush } from '../../../../src/sinks/loki/answer/judge.ts'
import type { SendResult } from '../../../../src/core/outcome.ts'
import type { PushEntry } from '../../../../src/sinks/loki/push/push.ts'
import { encodeMetadata } from '../../../../src/sinks/loki/push/push-protobuf.ts'

/** What Loki 3.7.8 said to a push, and what was in the push; captured from a real one. */
const fixtureSchema = z.object({
  sent_at_ms: z.number(),
  labels: z.record(z.string(), z.string()),
  status: z.number(),
  content_type: z.string(),
  text: z.string(),
  entries: z.array(
    z.object({ time: z.string(), line_bytes: z.number(), metadata: z.record(z.string(), z.number()) }),
  ),
})
export type Fixture = z.infer<typeof fixtureSchema>

export function readFixture(name: string): Fixture {
  const path = join(process.cwd(), 'test/fixtures/loki', `${name}.json`)
  return fixtureSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
}

export function entry(
  time: bigint,
  lineBytes = 1,
  metadata: Readonly<Record<string, number>> = {},
): PushEntry {
  const pairs = Object.entries(metadata).map(([name, bytes]) => [name, 'y'.repeat(bytes)] as const)
  const size = pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  return {
    seconds: Number(time / 1_000_000_000n),
    nanos: Number(time % 1_000_000_000n),
    line: Buffer.alloc(lineBytes, 'x'),
    metadata: { shared: { pairs, protobuf: encodeMetadata(pairs), size }, own: [] },
  }
}

/** The push as the sink would have sent it: ascending. */
export function entriesOf(fixture: Fixture): PushEntry[] {
  return fixture.entries
    .map((sent) => ({ ...sent, at: BigInt(sent.time) }))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .map((sent) => entry(sent.at, sent.line_bytes, sent.metadata))
}

export function answerOf(parts: Partial<Answer>): Answer {
  return {
    status: 400,
    contentType: 'text/plain; charset=utf-8',
    retryAfterMs: undefined,
    text: '',
    ...parts,
  }
}

export function judgeFixture(name: string, parts: Partial<SentPush> = {}): SendResult {
  const fixture = readFixture(name)
  const answer = answerOf({ status: fixture.status, contentType: fixture.content_type, text: fixture.text })
  return judge(answer, sentPush(entriesOf(fixture), parts))
}

export function sentPush(entries: readonly PushEntry[], parts: Partial<SentPush> = {}): SentPush {
  return { entries: () => entries, mayReroute: true, rawBytes: 1000, throttledInARow: 1, ...parts }
}

/** `accepted`, `rejected too_old`, `reroute 1`, `retry item_throttled`, … */
export function summary(result: SendResult): string | string[] {
  if (result.kind === 'split') return `split ${result.why}, alone ${word(result.single)}`
  return result.kind === 'all' ? `all ${word(result.outcome)}` : result.outcomes.map(word)
}

function word(outcome: (SendResult & { kind: 'all' })['outcome']): string {
  if (outcome.kind === 'reroute') return `reroute ${outcome.variant}`
  return 'reason' in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind
}
