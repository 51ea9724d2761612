import { limits } from '../core/limits.ts'
import { objectOf, textAt } from './json-reading.ts'

/** A request that came to nothing. Expected: it is logged, shown in health, and tried again. */
export interface ApiTrouble {
  readonly kind: 'trouble'
  /** A sentence that says what to do, without a secret. */
  readonly message: string
  /** 410: what we go on from is older than what the server remembers. */
  readonly isGone: boolean
  readonly retryAfterMs?: number | undefined
}

export const troubleOf = (message: string): ApiTrouble => ({ kind: 'trouble', message, isGone: false })

export const goneTrouble: ApiTrouble = {
  kind: 'trouble',
  message: 'the API server no longer knows where we were (410)',
  isGone: true,
}

/** What an answer other than 200 means. `body`: the beginning of it, a `Status` as a rule. */
export function statusTrouble(status: number, body: string, retryAfter: string | undefined): ApiTrouble {
  if (status === 410) return goneTrouble
  const said = saidIn(body)
  return { ...troubleOf(`${hintOf(status)}${said}`), retryAfterMs: retryAfterMs(retryAfter) }
}

function hintOf(status: number): string {
  if (status === 401)
    return 'the API server does not accept the token of the service account (401); is it of this cluster, and not expired?'
  if (status === 403)
    return 'the service account may not list and watch pods (403); it needs a ClusterRole with the verbs list and watch on pods, and a ClusterRoleBinding: deploy/kubernetes/components/metadata has both'
  if (status === 404) return 'what answers is no API server of Kubernetes (404); is the URL right?'
  if (status === 429) return 'the API server has too much to do (429)'
  if (status >= 300 && status < 400) return `the API server redirects (${status}), which is not followed`
  return `the API server answered ${status}`
}

/** The server's own words, cut. */
function saidIn(body: string): string {
  const status = objectOf(body)
  const text = status ? textAt(status, 'message') : ''
  return text === '' ? '' : `: ${text.slice(0, limits.serverTextChars)}`
}

function retryAfterMs(text: string | undefined): number | undefined {
  const seconds = /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0
  return seconds > 0 ? Math.min(seconds * 1000, limits.retryAfterMs) : undefined
}

const ofCertificates: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not by the authority of ca.crt',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not by the authority of ca.crt',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not by the authority of ca.crt',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not by the authority of ca.crt',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for other names',
  CERT_HAS_EXPIRED: 'its certificate has expired',
}

/** A request that got no answer: refused, reset, timed out, a certificate that does not fit. */
export function networkTrouble(error: Error, url: URL): ApiTrouble {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const why = ofCertificates[code] ?? (code === '' ? error.message : code)
  return troubleOf(`the API server at ${url.host} cannot be asked: ${why}`)
}
