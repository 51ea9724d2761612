import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { unpackPackages } from './debian-packages.ts'

export interface RsyslogProgram {
  readonly program: string
  readonly env: NodeJS.ProcessEnv
  /** Where its modules lie. */
  readonly modules: string
  readonly version: string
}

/** rsyslog, what it is linked with and servers rarely have, and the module that speaks to Elasticsearch. */
const packages = ['rsyslog', 'rsyslog-elasticsearch', 'libestr0', 'libfastjson4', 'liblognorm5', 'libcurl4']

let found: RsyslogProgram | string | undefined

/** rsyslog from Debian's packages, or why it is not there. */
export function findRsyslog(): RsyslogProgram | string {
  found ??= unpack()
  return found
}

function unpack(): RsyslogProgram | string {
  try {
    const root = unpackPackages('rsyslog', packages)
    const libraries = readdirSync(join(root, 'usr/lib')).map((triplet) => join(root, 'usr/lib', triplet))
    const modules = libraries.map((folder) => join(folder, 'rsyslog')).find((folder) => existsSync(folder))
    if (modules === undefined) return 'its package holds no modules'
    const env = { LD_LIBRARY_PATH: libraries.join(':') }
    const program = join(root, 'usr/sbin/rsyslogd')
    const said = execFileSync(program, ['-v'], { encoding: 'utf8', env: { ...process.env, ...env } })
    return { program, env, modules, version: /^rsyslogd\s+(\S+)/.exec(said)?.[1] ?? 'of no known version' }
  } catch (error) {
    return `it could not be fetched or started: ${String(error).split('\n')[0]}`
  }
}
