import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SpawnOptions } from '../../support/spawn-agent.ts'
import type { TortureRig } from './torture-rig.ts'

/** Binds a hosts file and a resolver that asks nothing else over the host's, for this process and what it becomes. */
const script = 'mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/nsswitch.conf && shift 2 && exec "$@"'

const within = (hosts: string, nsswitch: string, command: readonly string[]): readonly string[] =>
  ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', hosts, nsswitch].concat(
    command,
  )

/** Why names of our own cannot be had here, or false. */
export const namesMissing: string | false = (() => {
  const [program, ...args] = within('/dev/null', '/dev/null', ['true'])
  return spawnSync(program!, args).status === 0
    ? false
    : 'needs the right to mount (root) and /etc/nsswitch.conf'
})()

/** Host names that only the agent of this rig has, and that change while it runs. */
export class OwnNames {
  readonly #hosts: string
  readonly #nsswitch: string

  constructor(rig: TortureRig) {
    this.#hosts = join(rig.folder, 'hosts')
    this.#nsswitch = join(rig.folder, 'nsswitch.conf')
    writeFileSync(this.#nsswitch, 'hosts: files\n')
    this.are({})
  }

  /** Written in place: the agent has this very file. */
  are(names: Readonly<Record<string, readonly string[]>>): void {
    const lines = Object.entries(names).flatMap(([name, addresses]) =>
      addresses.map((address) => `${address} ${name}\n`),
    )
    writeFileSync(this.#hosts, lines.join(''))
  }

  get spawnOptions(): SpawnOptions {
    return { through: (command) => within(this.#hosts, this.#nsswitch, command) }
  }
}
