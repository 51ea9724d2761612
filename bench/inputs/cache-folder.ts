import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** A folder outside of the repository for what is made or fetched once: `LOGFERRY_BENCH_CACHE`, or in the user's cache. */
export function cacheFolder(name: string): string {
  const home = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const folder = join(process.env['LOGFERRY_BENCH_CACHE'] ?? join(home, 'logferry-bench'), name)
  mkdirSync(folder, { recursive: true })
  return folder
}
