import { formatCount, formatCounted } from '../../../admin/quantities.ts'
import { smallText } from '../../host/small-text.ts'
import { ok, unknown } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Check } from '../subject.ts'

const folder = '/proc/sys/fs/inotify'
/** Of one process that watches: libuv has one instance for all of its watches. */
const ownInstances = 1
/** Rotation, new pods and links bring folders: room for twice as many and some. */
const spareWatches = 100

export const inotifyCheck: Check = {
  name: 'inotify',
  async run({ host, agent, survey }) {
    const numberIn = async (name: string): Promise<number | undefined> => {
      const text = await smallText(host.fileSystem, `${folder}/${name}`)
      return text === undefined || !/^\d+\s*$/.test(text) ? undefined : Number(text)
    }
    const [watches, instances] = [await numberIn('max_user_watches'), await numberIn('max_user_instances')]
    if (watches === undefined || instances === undefined)
      return [unknown(`no limits of inotify in ${folder}: without watches only the sweep finds new lines`)]
    const { folders } = await survey()
    const use = (await host.inotifyUse(agent.id)) ?? { instances: 0, watches: 0 }
    const wanted = folders.length * 2 + spareWatches
    const findings = [
      ...tooFew({
        what: 'watches',
        key: 'max_user_watches',
        limit: watches,
        used: use.watches,
        wanted,
        needed: folders.length,
      }),
      ...tooFew({
        what: 'instances',
        key: 'max_user_instances',
        limit: instances,
        used: use.instances,
        wanted: ownInstances + 1,
        needed: ownInstances,
      }),
    ]
    const seen = `${formatCounted(folders.length, 'folder')} to watch; user ${agent.name} has ${formatCount(use.watches)} of ${formatCount(watches)} watches, ${formatCount(use.instances)} of ${formatCount(instances)} instances`
    return findings.length > 0 ? findings : [ok(seen)]
  },
}

interface Need {
  readonly what: string
  readonly key: string
  readonly limit: number
  readonly used: number
  /** With room for what is to come. */
  readonly wanted: number
  readonly needed: number
}

function tooFew({ what, key, limit, used, wanted, needed }: Need): Finding[] {
  const left = limit - used
  if (left >= wanted) return []
  const raised = Math.max(limit * 2, used + wanted * 2)
  return [
    {
      severity: left < needed ? 'problem' : 'warning',
      seen: `inotify ${what}: ${formatCount(used)} of ${formatCount(limit)} in use (fs.inotify.${key}), the agent wants ${formatCount(needed)}`,
      why: 'Folders without a watch are only swept: new lines and rotations are seen seconds later instead of at once, and short-lived files may be missed. Others of the same user count too.',
      commands: [
        `echo 'fs.inotify.${key} = ${raised}' > /etc/sysctl.d/60-logferry-${key.replaceAll('_', '-')}.conf`,
        `sysctl -p /etc/sysctl.d/60-logferry-${key.replaceAll('_', '-')}.conf`,
      ],
    },
  ]
}
