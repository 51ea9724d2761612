import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { join } from 'node:path'
import { systemErrorCode } from '../core/file-system.ts'
import type { File, FileSystem } from '../core/file-system.ts'

const keyBytes = 64
const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants

/**
 * The key of this installation for the hashes of the step `redact`: 64 hex digits in `data_dir/redact.key`, made at the
 * first start. Equal secrets have equal hashes as long as it is there; one that is broken is made anew.
 */
export async function installationHashKey(directory: string, fileSystem: FileSystem): Promise<string> {
  const path = join(directory, 'redact.key')
  const known = await readKey(path, fileSystem)
  if (known !== undefined) return known
  const key = randomBytes(keyBytes / 2).toString('hex')
  const file = await fileSystem.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    await file.write(Buffer.from(key), 0)
    await file.datasync()
  } finally {
    await file.close()
  }
  await fileSystem.syncDirectory(directory)
  return key
}

async function readKey(path: string, fileSystem: FileSystem): Promise<string | undefined> {
  let file: File
  try {
    file = await fileSystem.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
  const bytes = Buffer.alloc(keyBytes)
  try {
    await file.read(bytes, 0, keyBytes, 0)
  } finally {
    await file.close()
  }
  const key = bytes.toString('latin1')
  if (/^[0-9a-f]{64}$/.test(key)) return key
  // Cut by a power failure while it was made.
  await fileSystem.unlink(path)
  return undefined
}
