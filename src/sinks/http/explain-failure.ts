import type { TlsConfig } from '../../components/fields.ts'
import { describeError } from './describe-error.ts'
import { cutWithSign, serverText } from './body.ts'

/** What is known of the way that a request took, so that its failure can name the key to change. */
export interface Way {
  /** `host:port` of the server. */
  readonly host: string
  readonly isTls: boolean
  /** `host:port` of the proxy. */
  readonly proxy: string | undefined
  /** The config key with the server's URL. */
  readonly addressKey: 'nodes' | 'url'
  readonly tls: Pick<TlsConfig, 'ca_file' | 'cert_file'>
  /** No request has got an answer by this way yet, or none for a while: a closed connection is worth a guess. */
  readonly isPuzzling: boolean
}

/**
 * A failure as one line for the log, `/status` and `validate --probe`: what is wrong and which key helps, the library's
 * own code at the end. `network-error.ts` tells by the prefixes `tls: ` and `proxy: ` that nothing was sent.
 */
export function explainFailure(error: unknown, way: Way): string {
  const text = describeError(error)
  const proxy = proxyText(text, way)
  if (proxy) return `proxy: ${proxy}`
  if (way.isTls) {
    const found = tlsTexts.find(([pattern]) => pattern.test(text))
    if (found) return `tls: ${found[1](way, error)} (${codeOf(error, text)})`
  }
  return `${text}${closedHint(text, way)}`
}

type TlsText = (way: Way, error: unknown) => string

const authority = ({ tls }: Way): string =>
  tls.ca_file === null
    ? 'put the certificate of its authority into a file and name it in tls.ca_file'
    : `tls.ca_file (${tls.ca_file}) does not hold its authority`

const clientCertificate = ({ tls }: Way): string =>
  tls.cert_file === null
    ? 'it probably wants a client certificate: set tls.cert_file and tls.key_file'
    : `it probably does not accept the client certificate in tls.cert_file (${tls.cert_file}): expired, of an authority that the server does not know, or not for clients`

/** In order, by what OpenSSL and Node call it. */
const tlsTexts: readonly (readonly [RegExp, TlsText])[] = [
  [
    /CERT_HAS_EXPIRED/,
    (way) =>
      `the certificate of ${way.host}, or one that it was issued with, has expired: it has to be renewed there, unless this host's clock is wrong`,
  ],
  [
    /CERT_NOT_YET_VALID/,
    (way) => `the certificate of ${way.host} is not valid yet: compare its dates with this host's clock`,
  ],
  [/ALTNAME_INVALID|altnames/, (way, error) => otherNames(way, error)],
  [
    /DEPTH_ZERO_SELF_SIGNED/,
    (way) =>
      `the certificate of ${way.host} is self-signed: if it is the right one, name a file with it in tls.ca_file`,
  ],
  [
    /SELF_SIGNED_CERT_IN_CHAIN/,
    (way) => `the certificate of ${way.host} is of an authority that is not trusted: ${authority(way)}`,
  ],
  [
    /UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)/,
    (way) =>
      `the certificate of ${way.host} is of an authority that is not trusted, or the server does not send the intermediate certificate: ${authority(way)} (or the intermediate)`,
  ],
  [
    /CERT_SIGNATURE_FAILURE/,
    (way) =>
      `the authority in tls.ca_file has the right name but did not sign the certificate of ${way.host}`,
  ],
  [/INVALID_PURPOSE/, (way) => `the certificate of ${way.host} is not meant for servers`],
  [/(KEY_TOO_SMALL|MD_TOO_WEAK)/, (way) => `the certificate of ${way.host} is too weak to be trusted`],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/,
    ({ host, addressKey }) =>
      `${host} does not speak TLS: write http:// in "${addressKey}", or the port that does`,
  ],
  [
    /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|INAPPROPRIATE_FALLBACK/,
    ({ host }) => `${host} speaks only TLS versions older than 1.2`,
  ],
  [
    /ALERT_(CERTIFICATE_|BAD_CERT|HANDSHAKE_FAILURE|UNKNOWN_CA|UNSUPPORTED_CERT|NO_CERT|ACCESS_DENIED)|ALERT_UNKNOWN/,
    (way) => `${way.host} refuses the handshake: ${clientCertificate(way)}`,
  ],
  [
    /disconnected before secure TLS/,
    (way) => `${way.host} closed the connection during the handshake: ${clientCertificate(way)}`,
  ],
  [
    /UNRECOGNIZED_NAME/,
    ({ host, addressKey }) => `${host} does not know this host name: check "${addressKey}"`,
  ],
  [/CERT_|ERR_TLS|ERR_SSL|EPROTO/, ({ host }) => `the handshake with ${host} failed`],
]

/** The names come from whoever answered: they are cut, and cleaned of control characters. */
function otherNames({ host, addressKey }: Way, error: unknown): string {
  const certificate = memberOf(error, 'cert')
  const names = memberOf(certificate, 'subjectaltname') ?? memberOf(memberOf(certificate, 'subject'), 'CN')
  const shown = typeof names === 'string' ? `is for ${serverText(names, 200)}, not` : 'is not'
  return `the certificate of ${host} ${shown} for that name: write a name that it has in "${addressKey}"`
}

/** A code such as CERT_HAS_EXPIRED; without one, as much of the text as people can search for. */
function codeOf(error: unknown, text: string): string {
  const code = memberOf(error, 'code')
  return typeof code === 'string' && code !== '' ? code : cutWithSign(text, 100)
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

const proxyAnswers: Readonly<Record<string, string>> = {
  401: 'it wants credentials: write them into the URL of "proxy", as USER:PASSWORD@ before its host',
  403: 'it does not let requests through to this server',
  404: 'it is no proxy: check the URL of "proxy"',
  405: 'it is no proxy, or does not take CONNECT: check the URL of "proxy"',
  407: 'it wants (other) credentials: write them into the URL of "proxy", as USER:PASSWORD@ before its host',
  502: 'it cannot reach the server',
  503: 'it cannot reach the server',
  504: 'it cannot reach the server',
}

function proxyText(text: string, { proxy, host }: Way): string | undefined {
  if (proxy === undefined) return undefined
  const status = /Proxy response \((\d+)\)|Proxy Authentication Required \((\d+)\)/.exec(text)
  const code = status?.[1] ?? status?.[2]
  if (code !== undefined) {
    const meaning = proxyAnswers[code] ?? 'it does not let requests through'
    return `${proxy} answers ${code} for ${host}: ${meaning}`
  }
  // Beyond the proxy we never connect ourselves, so who cannot be reached is the proxy.
  const isConnect = /ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT/.test(text)
  return isConnect ? `cannot reach ${proxy}: ${text}` : undefined
}

/** A connection that was taken and closed without an answer: usual causes, as there is nothing else to go by. */
function closedHint(text: string, way: Way): string {
  if (!way.isPuzzling || !/ECONNRESET|EPIPE|UND_ERR_SOCKET|other side closed/.test(text)) return ''
  if (way.isTls) return `; ${way.host} closed the connection before any answer: ${clientCertificate(way)}`
  return `; ${way.host} closed the connection before any answer: if it speaks TLS, write https:// in "${way.addressKey}"`
}
