import type { FileSystem } from '../core/file-system.ts'
import { examinePems, pemKeys } from '../sinks/http/pem.ts'
import type { PemFiles, PemKey } from '../sinks/http/pem.ts'
import { failure, warning } from './finding.ts'
import type { Finding } from './finding.ts'
import { ReadFailure, readText } from './read-text.ts'
import type { SinkConfig } from './schema.ts'
import { isObject } from './values.ts'

type Sinks = Readonly<Record<string, SinkConfig>>

/** The certificate files that sinks name, by path, as they were when the config was checked: sinks are made of these. */
export type Certificates = ReadonlyMap<string, Buffer>

export interface CheckedCertificates {
  readonly certificates: Certificates
  readonly findings: readonly Finding[]
}

/** Reads and examines the files of every sink's `tls`. */
export async function checkCertificates(
  sinks: Sinks,
  fileSystem: FileSystem,
  nowMs: number,
): Promise<CheckedCertificates> {
  const certificates = new Map<string, Buffer>()
  const findings: Finding[] = []
  for (const [name, { tls }] of Object.entries(sinks)) {
    if (!isObject(tls)) continue
    if ((tls['cert_file'] === null) !== (tls['key_file'] === null)) {
      const message = 'cert_file and key_file belong together: set both or neither'
      findings.push(failure(['sinks', name, 'tls'], message, 'key'))
    }
    const files: Partial<Record<PemKey, Buffer>> = {}
    for (const [key, path] of pathsOf(tls)) {
      const bytes = certificates.get(path) ?? (await read(path, fileSystem))
      if (typeof bytes === 'string') {
        findings.push(failure(['sinks', name, 'tls', key], `cannot use ${path}: ${bytes}`))
      } else {
        certificates.set(path, bytes)
        files[key] = bytes
      }
    }
    findings.push(...troubles(name, { tls, files, nowMs }))
  }
  return { certificates, findings }
}

/** Sinks that are the same by the config, but not by what their certificate files hold. */
export function renewedSinks(sinks: Sinks, old: Certificates, next: Certificates): string[] {
  return Object.entries(sinks).flatMap(([name, { tls }]) => {
    const isRenewed = pathsOf(tls).some(([, path]) => {
      const bytes = next.get(path)
      return bytes !== undefined && old.get(path)?.equals(bytes) === false
    })
    return isRenewed ? [name] : []
  })
}

function pathsOf(tls: unknown): [PemKey, string][] {
  if (!isObject(tls)) return []
  return pemKeys.flatMap((key): [PemKey, string][] => {
    const path = tls[key]
    return typeof path === 'string' ? [[key, path]] : []
  })
}

/** The bytes, or why not. */
async function read(path: string, fileSystem: FileSystem): Promise<Buffer | string> {
  try {
    return Buffer.from(await readText(path, fileSystem))
  } catch (error) {
    if (error instanceof ReadFailure) return error.message
    throw error
  }
}

function troubles(
  name: string,
  { tls, files, nowMs }: { tls: Readonly<Record<string, unknown>>; files: PemFiles; nowMs: number },
): Finding[] {
  return examinePems(files, nowMs).map(({ key, severity, message }) => {
    const text = `${String(tls[key])}: ${message}`
    const path = ['sinks', name, 'tls', key]
    return severity === 'error' ? failure(path, `cannot use ${text}`) : warning(path, text)
  })
}
