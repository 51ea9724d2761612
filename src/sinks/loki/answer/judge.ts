import type { HoldReason, Outcome, SendResult } from '../../../core/outcome.ts'
import { serverText } from '../../http/body.ts'
import { assignRefusals, type Refusal } from './assign-refusals.ts'
import type { PushEntry } from '../push/push.ts'
import { parseRefusals, type Refusals } from './refusals.ts'

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly retryAfterMs: number | undefined
  /** The body, '' where it was too large to be read. */
  readonly text: string
  /** By the server's clock. */
  readonly date?: string | undefined
}

/** What the judgement needs to know of the push that was answered. */
export interface SentPush {
  /** As they were sent; only made when an answer names single ones. */
  entries(): readonly PushEntry[]
  /** An entry too far behind may still go to the stream with the label `backlog`. */
  readonly mayReroute: boolean
  /** Bytes before compression. */
  readonly rawBytes: number
  /** How many 429 in a row these events got, this one included. */
  readonly throttledInARow: number
}

/** A push above the tenant's burst gets 429 for ever; at the third one in a row we try with half of it. */
const splitThrottledAbove = 1024 ** 2
const throttledBeforeSplit = 3

/** Status codes that keep everything until the operator has acted. */
const holdReasons: Readonly<Record<number, HoldReason>> = {
  260: 'blocked',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  407: 'unauthorized',
}

/** Loki's answers to a push of one stream, as measured on 3.7.8 (research/reliability.md 4.2). */
export function judge(answer: Answer, push: SentPush): SendResult {
  const { status } = answer
  if (status === 204) return { kind: 'all', code: '204', outcome: { kind: 'accepted' } }
  if (isTooLarge(answer))
    return split(answer, 'too_large', rejected(answer, 'too_large', 'request_too_large'))
  if (status === 400) return judgeRefused(answer, push)
  if (status === 429) return judgeThrottled(answer, push)
  if (status === 408 || status === 425 || status >= 500) {
    return all(answer, { kind: 'retry', reason: 'server_error', text: shortText(answer) })
  }
  return hold(answer, holdReasons[status] ?? (isRedirect(status) ? 'redirect' : 'unexpected_status'))
}

/** The gRPC limit between Loki's own parts comes as a 500, the one on the compressed body as a 400. */
function isTooLarge({ status, text }: Answer): boolean {
  if (status === 413) return true
  if (status >= 500) return /larger than max/.test(text)
  return status === 400 && /^compressed message size \d+ exceeds limit|message size .* larger than/.test(text)
}

function judgeRefused(answer: Answer, push: SentPush): SendResult {
  // Loki answers in plain text. A page comes from something before it that knows nothing of our events.
  if (/html/i.test(answer.contentType)) return hold(answer, 'unexpected_status')
  const refusals = parseRefusals(answer.text)
  if (refusals?.kind === 'operator') return hold(answer, 'unexpected_status')
  if (refusals?.kind === 'stream') return all(answer, rejected(answer, 'labels', refusals.type))
  const verdicts = refusals && assignRefusals(refusals, push.entries(), push.mayReroute)
  if (verdicts) return items(answer, verdicts, push)
  return split(answer, 'poison', poison(answer, refusals, push))
}

/** What becomes of an event that is refused standing alone by a text that bisecting began with. */
function poison(answer: Answer, refusals: Refusals | undefined, push: SentPush): Outcome {
  if (refusals?.kind === 'entries') {
    const { reason, type } = refusals.refusals[0]!.form
    return rejected(answer, reason, type)
  }
  if (refusals?.kind === 'ingester') {
    const why = refusals.listed[0]?.why
    if (why === 'rate') return { kind: 'retry', reason: 'item_throttled', text: shortText(answer) }
    if (why === 'too_far_behind') return tooFarBehind(answer, push)
  }
  const isUnreadable = /snappy|unexpected EOF|proto|loghttp|invalid|illegal|parse|decode/i.test(answer.text)
  return isUnreadable ? rejected(answer, 'malformed', 'unreadable') : rejected(answer, 'refused', 'refused')
}

function items(answer: Answer, verdicts: readonly (Refusal | undefined)[], push: SentPush): SendResult {
  // One object for each kind of outcome: thousands of entries share the server's text.
  const made = new Map<unknown, Outcome>()
  const outcomes = verdicts.map((verdict) => {
    const key = verdict?.kind === 'rejected' ? verdict.refusal : verdict?.kind
    let outcome = made.get(key)
    if (!outcome) {
      outcome = toOutcome(answer, verdict, push)
      made.set(key, outcome)
    }
    return outcome
  })
  return { kind: 'items', code: String(answer.status), outcomes }
}

function toOutcome(answer: Answer, verdict: Refusal | undefined, push: SentPush): Outcome {
  if (!verdict) return { kind: 'accepted' }
  if (verdict.kind === 'rate') return { kind: 'retry', reason: 'item_throttled', text: shortText(answer) }
  if (verdict.kind === 'untold') return { kind: 'retry', reason: 'item_error', text: shortText(answer) }
  if (verdict.kind === 'too_far_behind') return tooFarBehind(answer, push)
  const { reason, type } = verdict.refusal.form
  return rejected(answer, reason, type)
}

function tooFarBehind(answer: Answer, push: SentPush): Outcome {
  if (push.mayReroute) return { kind: 'reroute', variant: 1, reason: 'too_far_behind' }
  return rejected(answer, 'too_far_behind', 'too_far_behind')
}

/**
 * Of a stream's rate limit some entries may have been stored, of the tenant's none; sending all again is right in
 * both cases, as equal entries are stored once. A limit of the stream must not slow the others down.
 */
function judgeThrottled(answer: Answer, push: SentPush): SendResult {
  const retry = { kind: 'retry', reason: 'throttled', text: shortText(answer) } as const
  if (push.rawBytes > splitThrottledAbove && push.throttledInARow >= throttledBeforeSplit) {
    return split(answer, 'too_large', retry)
  }
  if (answer.retryAfterMs === undefined && isLimitOfStream(answer.text)) {
    const outcome: Outcome = { ...retry, reason: 'item_throttled' }
    return { kind: 'items', code: '429', outcomes: push.entries().map(() => outcome) }
  }
  return all(answer, retry)
}

function isLimitOfStream(text: string): boolean {
  return /^maximum active stream limit exceeded|Per stream rate limit exceeded/.test(text)
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400
}

function all(answer: Answer, outcome: Outcome): SendResult {
  return {
    kind: 'all',
    code: String(answer.status),
    outcome,
    ...(answer.retryAfterMs !== undefined && { retryAfterMs: answer.retryAfterMs }),
  }
}

function hold(answer: Answer, reason: HoldReason): SendResult {
  const text = `HTTP ${answer.status}${answer.text ? `: ${shortText(answer)}` : ''}`
  return all(answer, { kind: 'hold', reason, text })
}

function split(answer: Answer, why: 'too_large' | 'poison', single: Outcome): SendResult {
  return { kind: 'split', code: String(answer.status), why, single }
}

function rejected(answer: Answer, reason: (Outcome & { kind: 'rejected' })['reason'], type: string): Outcome {
  return { kind: 'rejected', reason, status: answer.status, type, text: shortText(answer) }
}

function shortText(answer: Answer): string {
  return serverText(answer.text)
}
