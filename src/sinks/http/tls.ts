import { readFileSync } from 'node:fs'
import type { TlsConfig } from '../../components/fields.ts'
import { systemErrorCode } from '../../core/file-system.ts'
import { examinePems, pemKeys } from './pem.ts'
import type { PemKey } from './pem.ts'

/** What `tls.connect` takes; undici's `connect` accepts it as it is. */
export interface TlsOptions {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
  readonly rejectUnauthorized: boolean
  readonly minVersion: 'TLSv1.2'
}

/** Files by path, as the config has read and checked them: those are used, also when the disk holds others by now. */
export type PemSource = ReadonlyMap<string, Buffer>

/** The files of `tls`, once, when the sink is made. Throws an error that names key, file and reason. */
export function readTlsOptions(config: TlsConfig, read?: PemSource): TlsOptions {
  const files = Object.fromEntries(
    pemKeys.flatMap((key) => {
      const path = config[key]
      return path === null ? [] : [[key, readPem(key, path, read)]]
    }),
  )
  const { ca_file: ca, cert_file: cert, key_file: key }: Partial<Record<PemKey, Buffer>> = files
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error('tls.cert_file and tls.key_file belong together: set both or neither')
  }
  // Dates are warnings, and those are the config's to give.
  const trouble = examinePems(files, 0).find(({ severity }) => severity === 'error')
  if (trouble) throw new Error(`tls.${trouble.key}: cannot use ${config[trouble.key]}: ${trouble.message}`)
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    rejectUnauthorized: config.verify,
    minVersion: 'TLSv1.2',
  }
}

function readPem(name: PemKey, path: string, read: PemSource | undefined): Buffer {
  try {
    return read?.get(path) ?? readFileSync(path)
  } catch (error) {
    const reason = systemErrorCode(error) || String(error)
    throw new Error(`tls.${name}: cannot read ${path} (${reason})`, { cause: error })
  }
}
