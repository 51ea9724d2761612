import { cutWithSign } from './body.ts'
import type { RetryReason, SendResult } from '../../core/outcome.ts'
import { describeError } from './describe-error.ts'

interface Failure {
  /** For the label `code` of `sink_requests_total`; a fixed set. */
  readonly code: string
  readonly reason: RetryReason
  /** No byte of the request can have been worked on: no connection came about. */
  readonly neverSent: boolean
}

const refused: Failure = { code: 'refused', reason: 'network', neverSent: true }
const unreachable: Failure = { code: 'unreachable', reason: 'network', neverSent: true }
const dns: Failure = { code: 'dns', reason: 'network', neverSent: true }
const tls: Failure = { code: 'tls', reason: 'network', neverSent: true }
const connectTimeout: Failure = { code: 'connect_timeout', reason: 'timeout', neverSent: true }
const proxy: Failure = { code: 'proxy', reason: 'network', neverSent: true }
const timeout: Failure = { code: 'timeout', reason: 'timeout', neverSent: false }
const reset: Failure = { code: 'reset', reason: 'network', neverSent: false }
const badAnswer: Failure = { code: 'bad_answer', reason: 'bad_answer', neverSent: false }
const unknown: Failure = { code: 'network', reason: 'network', neverSent: false }

/** In order: the first whose name occurs in the error's codes, names and messages. */
const table: readonly (readonly [RegExp, Failure])[] = [
  // As explain-failure.ts begins what it has understood.
  [/^proxy: /, proxy],
  [/^tls: /, tls],
  // Whatever may be behind it: the request was on its way.
  [/^(?:\S+ ){0,2}(?:other side closed|(?:read|write) (?:ECONNRESET|EPIPE))/, reset],
  [/UND_ERR_CONNECT_TIMEOUT|Connect Timeout/, connectTimeout],
  [/ECONNREFUSED/, refused],
  [/ENOTFOUND|EAI_/, dns],
  [/EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM/, unreachable],
  [/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO|self-signed|certificate|altnames|\bSSL\b/i, tls],
  [/UND_ERR_(HEADERS|BODY)_TIMEOUT|ETIMEDOUT|TimeoutError|AbortError|ABORT_ERR|UND_ERR_ABORTED/, timeout],
  // `UND_ERR_SOCKET` and node's own "socket hang up" mean that the other side closed while we waited.
  [/ECONNRESET|EPIPE|UND_ERR_SOCKET|socket hang up|other side closed|terminated|aborted|closed/i, reset],
  [/HPE_|Parse Error|UND_ERR_(RES|HEADERS_OVERFLOW|INFO)|CONTENT_LENGTH/i, badAnswer],
]

/**
 * What a request that ended in an error came to. `signal` is the one that the request was made with: it aborts at the
 * request's deadline, so an aborted request is a timeout whatever the client library calls it.
 */
export function networkFailure(error: unknown, signal: AbortSignal): SendResult & { kind: 'all' } {
  const text = describeError(error)
  const found = signal.aborted ? timeout : (table.find(([pattern]) => pattern.test(text))?.[1] ?? unknown)
  return {
    kind: 'all',
    code: found.code,
    outcome: {
      kind: 'retry',
      reason: found.reason,
      text: signal.aborted ? 'no answer in time' : oneLine(text),
    },
    ...(found.neverSent ? {} : { unanswered: true }),
  }
}

function oneLine(text: string): string {
  return cutWithSign(text.replace(/\s+/g, ' '), 400)
}
