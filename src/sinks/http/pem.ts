import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

export const pemKeys = ['ca_file', 'cert_file', 'key_file'] as const
export type PemKey = (typeof pemKeys)[number]

/** What the files of `tls` hold. */
export type PemFiles = Readonly<Partial<Record<PemKey, Buffer>>>

/** Something about a file of `tls`, as a clause that follows its path and a colon. */
export interface PemTrouble {
  readonly key: PemKey
  /** `warning`: it can be used, but the server will hardly take it. */
  readonly severity: 'error' | 'warning'
  readonly message: string
}

const clientUsage = '1.3.6.1.5.5.7.3.2'

/**
 * What is wrong with the files, found where somebody looks: at `validate`, at the start, at a reload. OpenSSL itself skips
 * what it cannot read in a list of authorities, and says nothing of the rest before the first connection.
 */
export function examinePems(files: PemFiles, nowMs: number): PemTrouble[] {
  const troubles: PemTrouble[] = []
  const say = (key: PemKey, severity: PemTrouble['severity'], message: string): void => {
    troubles.push({ key, severity, message })
  }
  const authorities = files.ca_file && certificatesOf(files.ca_file)
  if (typeof authorities === 'string') say('ca_file', 'error', authorities)
  else if (authorities?.every((one) => dateProblem(one, nowMs) !== undefined)) {
    say('ca_file', 'warning', `it holds no valid authority: ${dateProblem(authorities[0]!, nowMs)}`)
  }
  const chain = files.cert_file && certificatesOf(files.cert_file)
  const [own] = Array.isArray(chain) ? chain : []
  if (typeof chain === 'string') say('cert_file', 'error', chain)
  const dates = own && dateProblem(own, nowMs)
  if (dates) say('cert_file', 'warning', `it holds a client certificate that servers refuse: ${dates}`)
  // `keyUsage` is the extended one here; undefined where the certificate is for everything.
  const usages: readonly string[] | undefined = own?.keyUsage
  if (usages && !usages.includes(clientUsage)) {
    say('cert_file', 'warning', 'it holds a certificate that is not meant for clients')
  }
  const key = files.key_file && privateKeyOf(files.key_file)
  if (typeof key === 'string') say('key_file', 'error', key)
  else if (own && key && !own.checkPrivateKey(key)) {
    say('key_file', 'error', 'it is not the key of the certificate in tls.cert_file')
  }
  return troubles
}

/** The certificates of a file, or what is wrong with it. */
function certificatesOf(bytes: Buffer): X509Certificate[] | string {
  const blocks = bytes.toString('latin1').match(certificateBlock) ?? []
  if (blocks.length === 0) {
    return bytes.includes('PRIVATE KEY-----')
      ? 'it holds a key, but no certificate'
      : 'it holds no PEM certificate'
  }
  const certificates: X509Certificate[] = []
  for (const [index, block] of blocks.entries()) {
    try {
      certificates.push(new X509Certificate(block))
    } catch {
      return `certificate ${index + 1} of ${blocks.length} in it is broken`
    }
  }
  return certificates
}

const certificateBlock =
  /-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----[^]*?(-----END \1CERTIFICATE-----|(?=-----BEGIN)|$)/g

/** The key of a file, or what is wrong with it. Never a word of the file itself. */
function privateKeyOf(bytes: Buffer): KeyObject | string {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(bytes.toString('latin1'))) {
    return 'it is encrypted, and there is no setting for its passphrase: decrypt it (openssl pkey -in OLD -out NEW, mode 0600)'
  }
  try {
    return createPrivateKey(bytes)
  } catch {
    return bytes.includes('PRIVATE KEY-----')
      ? 'it holds a key that cannot be read'
      : 'it holds no PEM private key'
  }
}

function dateProblem({ validFrom, validTo }: X509Certificate, nowMs: number): string | undefined {
  if (Date.parse(validTo) < nowMs) return `expired on ${isoDay(validTo)}`
  return Date.parse(validFrom) > nowMs ? `not valid before ${isoDay(validFrom)}` : undefined
}

const isoDay = (text: string): string => new Date(text).toISOString().slice(0, 10)
