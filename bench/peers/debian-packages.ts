import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../inputs/cache-folder.ts'

/**
 * Unpacks packages of Debian's into a folder of the cache, without installing them, and returns the folder. Fetched once:
 * remove the folder to get newer ones. Throws where apt or its archive is not to be had.
 */
export function unpackPackages(name: string, packages: readonly string[]): string {
  const root = join(cacheFolder('peers'), name)
  const done = join(root, 'packages.txt')
  if (existsSync(done)) return root
  const unfinished = mkdtempSync(join(cacheFolder('peers'), `.${name}-`))
  try {
    // As root, apt steps down to a user that cannot write here, and says so.
    const options = ['-qq', '-o', 'APT::Sandbox::User=root']
    execFileSync('apt-get', [...options, 'download', ...packages], { cwd: unfinished, stdio: 'pipe' })
    const archives = readdirSync(unfinished).filter((file) => file.endsWith('.deb'))
    for (const archive of archives) {
      execFileSync('dpkg-deb', ['-x', archive, '.'], { cwd: unfinished, stdio: 'pipe' })
    }
    writeFileSync(join(unfinished, 'packages.txt'), `${archives.join('\n')}\n`)
    rmSync(root, { recursive: true, force: true })
    renameSync(unfinished, root)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return root
}
