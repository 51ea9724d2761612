import { z } from 'zod'
import type { LetterSummary } from '../../delivery/letters/read-letters.ts'

const instant = z.strictObject({
  seconds: z.int().min(0),
  nanos: z.int().min(0).max(999_999_999),
})
const name = z.string().max(200)
/** Name and value. Whatever labels may be called: Loki's names, or paths into a document; no object has all of them. */
const label = z.tuple([z.string().min(1).max(1024), z.string().max(16_384)])

/** What `POST /replay` takes. */
export const replayAsked = z.strictObject({
  from: instant,
  to: instant,
  sink: name.optional(),
  source: name.optional(),
  labels: z.array(label).default([]),
})
export type ReplayAsked = z.output<typeof replayAsked>

const chosen = { sink: name.optional(), source: name.optional(), reason: name.optional() }

/** What `POST /dlq/replay` takes. */
export const lettersAsked = z.strictObject(chosen)
export type LettersAsked = z.output<typeof lettersAsked>

/** What `POST /dlq/purge` takes. `before_ms`: since 1970. */
export const purgeAsked = z.strictObject({ ...chosen, before_ms: z.number().optional() })
export type PurgeAsked = z.output<typeof purgeAsked>

/** Whether a letter is one that was asked for; by which sink it was refused is known from its folder. */
export function isAskedFor(
  { source, reason, time }: Pick<LetterSummary, 'source' | 'reason' | 'time'>,
  asked: Omit<PurgeAsked, 'sink'>,
): boolean {
  return (
    (asked.source === undefined || source === asked.source) &&
    (asked.reason === undefined || reason === asked.reason) &&
    (asked.before_ms === undefined || Date.parse(time) < asked.before_ms)
  )
}
