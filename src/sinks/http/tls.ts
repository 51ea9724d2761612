import { readFileSync } from 'node:fs'
import type { TlsConfig } from '../../components/fields.ts'
import { systemErrorCode } from '../../core/file-system.ts'

/** What `tls.connect` takes; undici's `connect` and node's agents accept it as it is. */
export interface TlsOptions {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
  readonly rejectUnauthorized: boolean
  readonly minVersion: 'TLSv1.2'
}

/** Reads the files of `tls` once, when the sink is made. Throws an error that names key, file and reason. */
export function readTlsOptions(config: TlsConfig, read: (path: string) => Buffer = readFileSync): TlsOptions {
  const ca = readPem('ca_file', config.ca_file, read)
  const cert = readPem('cert_file', config.cert_file, read)
  const key = readPem('key_file', config.key_file, read)
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error('tls.cert_file and tls.key_file belong together: set both or neither')
  }
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    rejectUnauthorized: config.verify,
    minVersion: 'TLSv1.2',
  }
}

function readPem(
  name: 'ca_file' | 'cert_file' | 'key_file',
  path: string | null,
  read: (path: string) => Buffer,
): Buffer | undefined {
  if (path === null) return undefined
  let bytes: Buffer
  try {
    bytes = read(path)
  } catch (error) {
    throw new Error(`tls.${name}: cannot read ${path} (${systemErrorCode(error) || String(error)})`, {
      cause: error,
    })
  }
  // OpenSSL takes a file without any certificate for an empty list and fails much later, with an unclear text.
  if (!bytes.includes('-----BEGIN ')) throw new Error(`tls.${name}: ${path} holds no PEM data`)
  return bytes
}
