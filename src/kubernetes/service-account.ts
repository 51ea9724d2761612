import { join } from 'node:path'
import { systemErrorCode } from '../core/file-system.ts'
import type { FileSystem } from '../core/file-system.ts'
import { limits } from '../core/limits.ts'
import { troubleOf } from './api-trouble.ts'
import type { ApiTrouble } from './api-trouble.ts'

export interface ServiceAccount {
  /** A secret: for one header, and nothing else. */
  readonly token: string
  readonly authority: string
}

/** Read for each request: the kubelet renews the token every hour, and authorities change without a restart. */
export async function readServiceAccount(
  folder: string,
  fileSystem: FileSystem,
): Promise<ServiceAccount | ApiTrouble> {
  const token = await read(join(folder, 'token'), fileSystem)
  if (typeof token !== 'string') return token
  const authority = await read(join(folder, 'ca.crt'), fileSystem)
  if (typeof authority !== 'string') return authority
  // A header takes no line breaks, and an error about it would show the token.
  if (!/^[\x21-\x7e]+$/.test(token.trim())) return troubleOf(`${join(folder, 'token')} holds no token`)
  return { token: token.trim(), authority }
}

async function read(path: string, fileSystem: FileSystem): Promise<string | ApiTrouble> {
  try {
    const file = await fileSystem.open(path, 'r')
    try {
      const bytes = Buffer.alloc(limits.serviceAccountBytes)
      return bytes.toString('utf8', 0, await file.read(bytes, 0, bytes.length, 0))
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === '') throw error
    const hint = code === 'ENOENT' ? '; is automountServiceAccountToken true for this pod?' : ''
    return troubleOf(`the service account cannot be read: ${path} (${code})${hint}`)
  }
}
