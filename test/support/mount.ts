import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

/** Mounts a small tmpfs. False where that is not allowed (it needs root): the test skips then. */
export function mountTmpfs(path: string, bytes: number): boolean {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const options = `size=${bytes},mode=0700`
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'logferry-test', path]).status === 0
}

/** From here on the mount can be read only. */
export function makeReadOnly(path: string): void {
  const { status, stderr } = spawnSync('mount', ['-o', 'remount,ro', path], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`remount of ${path}: ${stderr}`)
}

export function unmount(path: string): void {
  spawnSync('umount', ['-l', path])
}
