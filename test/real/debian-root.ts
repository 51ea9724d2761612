import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SpawnedAgent } from '../support/spawn-agent.ts'

const run = promisify(execFile)
const suite = process.env['LOGFERRY_DEBIAN'] ?? 'bookworm'
const cache = join(homedir(), '.cache/logferry')

/** What is missing for a Debian of our own, or false. */
export const noDebian: string | false =
  process.getuid?.() !== 0
    ? 'needs root, for chroot'
    : !existsSync('/usr/sbin/debootstrap') && 'needs debootstrap: apt-get install debootstrap'

/** A small Debian in a folder, copied from one that is made once (a minute, some 100 MB of the network). No systemd in it. */
export class DebianRoot {
  readonly folder = mkdtempSync(join(tmpdir(), 'logferry-debian-'))
  readonly #agents: SpawnedAgent[] = []

  constructor() {
    execFileSync('cp', ['-a', '--reflink=auto', `${readyDebian()}/.`, this.folder])
    execFileSync('mount', ['-t', 'proc', 'proc', join(this.folder, 'proc')])
  }

  async close(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.kill()))
    execFileSync('umount', [join(this.folder, 'proc')])
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** A path as the host sees it. */
  path(inside: string): string {
    return join(this.folder, inside)
  }

  read(inside: string): string {
    return readFileSync(this.path(inside), 'utf8')
  }

  write(inside: string, text: string, mode = 0o644): void {
    writeFileSync(this.path(inside), text, { mode })
  }

  /** Runs a shell command inside; rejects with its output if it fails. Returns what it wrote, both streams. */
  async sh(command: string): Promise<string> {
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
    try {
      const { stdout } = await run('chroot', [this.folder, '/bin/sh', '-c', `exec 2>&1; ${command}`], { env })
      return stdout.trim()
    } catch (error) {
      throw new Error(`${command}\n${String(Object(error).stdout)}`, { cause: error })
    }
  }

  /** Owner, group and mode. */
  owner(inside: string): Promise<string> {
    return this.sh(`stat -c '%U:%G %a' ${inside}`)
  }

  /** Starts the agent as the installed unit says: its command, its user, its groups. Without systemd's restrictions. */
  async startUnit(): Promise<SpawnedAgent> {
    const unit = this.read('usr/lib/systemd/system/logferry.service')
    const setting = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? ''
    const through = () => [
      'chroot',
      `--userspec=${setting('User')}:${setting('Group')}`,
      `--groups=${setting('SupplementaryGroups')}`,
      this.folder,
      ...setting('ExecStart').split(' '),
    ]
    const agent = new SpawnedAgent([], { through })
    this.#agents.push(agent)
    await agent.started
    return agent
  }
}

function readyDebian(): string {
  const folder = join(cache, `debian-${suite}`)
  if (existsSync(folder)) return folder
  // Where this machine has its own packages from.
  const sites = ['indextargets', '--format', '$(SITE)', 'Created-By: Packages']
  const [mirror = ''] = execFileSync('apt-get', sites, { encoding: 'utf8' }).split('\n')
  mkdirSync(cache, { recursive: true })
  const part = mkdtempSync(`${folder}.part-`)
  const options = ['--variant=minbase', '--include=adduser,init-system-helpers']
  execFileSync('debootstrap', [...options, suite, part, mirror], { stdio: ['ignore', 'ignore', 'inherit'] })
  renameSync(part, folder)
  return folder
}
