import type { HoldReason, Outcome, SendResult } from '../../core/outcome.ts'
import { cutWithSign, serverText } from '../http/body.ts'

/** An answer other than a 2xx, as far as it is looked at. */
export interface RefusedRequest {
  readonly status: number
  readonly body: Buffer | 'too_large'
  readonly retryAfterMs: number | undefined
}

/** Held until the operator has put it right; the same request passes then. */
const holds: Readonly<Record<number, HoldReason>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
}

/** Answers of proxies that say nothing about what became of the request behind them. */
const unansweredStatuses = new Set([408, 500, 502, 504])

/** The table of DESIGN "Sinks" for a whole request. */
export function requestOutcome({ status, body, retryAfterMs }: RefusedRequest): SendResult {
  const code = String(status)
  const text = `HTTP ${status} ${explain(body)}`.trim()
  const hold = status >= 300 && status < 400 ? 'redirect' : holds[status]
  if (hold) return { kind: 'all', code, outcome: { kind: 'hold', reason: hold, text } }
  if (status === 413) {
    return { kind: 'split', code, why: 'too_large', single: rejected('too_large', status, body, text) }
  }
  if (status === 400) {
    // A port that speaks TLS, or a page of a proxy: no document is to blame, and to bisect would dead-letter all.
    if (isAboutTheConnection(body)) {
      return { kind: 'all', code, outcome: { kind: 'hold', reason: 'unexpected_status', text } }
    }
    return { kind: 'split', code, why: 'poison', single: rejected('malformed', status, body, text) }
  }
  return {
    kind: 'all',
    code,
    outcome: { kind: 'retry', reason: status === 429 ? 'throttled' : 'server_error', text },
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(unansweredStatuses.has(status) && { unanswered: true }),
  }
}

/** A 2xx that is no answer to what was sent: the server may have taken all of it, some or nothing. */
export function badAnswer(status: number, body: Buffer | 'too_large'): SendResult {
  const text = `HTTP ${status} without one status for each event: ${explain(body)}`.trim()
  return {
    kind: 'all',
    code: 'bad_answer',
    outcome: { kind: 'retry', reason: 'bad_answer', text },
    unanswered: true,
  }
}

function rejected(
  reason: 'too_large' | 'malformed',
  status: number,
  body: Buffer | 'too_large',
  text: string,
): Outcome {
  const type = body === 'too_large' ? undefined : errorOf(body)?.type
  return { kind: 'rejected', reason, status, type: type ?? `http_${status}`, text }
}

function isAboutTheConnection(body: Buffer | 'too_large'): boolean {
  if (body === 'too_large') return true
  const start = body.subarray(0, 1024).toString('latin1').trimStart()
  return start.startsWith('<') || /HTTPS/i.test(start.startsWith('{') ? '' : start)
}

function explain(body: Buffer | 'too_large'): string {
  if (body === 'too_large') return 'with an answer beyond all bounds'
  const error = errorOf(body)
  return error ? serverText(`${error.type}: ${error.reason}`) : serverText(body)
}

/** `{"error":{"type":"x","reason":"y"},"status":400}`, or an older `{"error":"text"}`. */
function errorOf(body: Buffer): { readonly type: string; readonly reason: string } | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null || !('error' in parsed)) return undefined
  const { error } = parsed
  if (typeof error === 'string') return { type: 'error', reason: error }
  if (typeof error !== 'object' || error === null) return undefined
  const type = 'type' in error ? String(error.type) : 'error'
  return { type: cutWithSign(type, 100), reason: 'reason' in error ? String(error.reason) : '' }
}
