import { dirname } from 'node:path'
import { isMemory, isNetwork, mountOf } from '../../host/mounts.ts'
import type { Mount } from '../../host/mounts.ts'
import { named, ok } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Check } from '../subject.ts'

export const fileSystemsCheck: Check = {
  name: 'file systems',
  async run({ mounts, survey }) {
    const { files, folders } = await survey()
    const used = new Map<Mount, Set<string>>()
    for (const folder of [...folders, ...files.map(({ realPath }) => dirname(realPath))]) {
      const mount = mountOf(mounts, folder)
      if (mount) used.set(mount, (used.get(mount) ?? new Set()).add(folder))
    }
    const findings = [...used].flatMap(([mount, where]) => aboutMount(mount, [...where]))
    const kinds = [...new Set([...used.keys()].map(({ type }) => type))]
    return findings.length > 0
      ? findings
      : [ok(`logs lie on ${kinds.length > 0 ? kinds.join(', ') : 'local disks'}`)]
  },
}

function aboutMount(mount: Mount, folders: readonly string[]): Finding[] {
  const where = `${named(folders)} on ${mount.type}${mount.at === '/' ? '' : ` (mounted at ${mount.at})`}`
  if (isNetwork(mount))
    return [
      {
        severity: 'warning',
        seen: where,
        why: 'What other hosts write there raises no event: the agent finds it by its slow sweep, seconds later. A server that hangs holds up the reading of these files.',
        mend: 'Run the agent on the host that writes, where that is possible. Several agents on the same files ship every line several times.',
      },
    ]
  if (isMemory(mount))
    return [
      {
        severity: 'warning',
        seen: where,
        why: 'The files are gone with a reboot or a pod: what was not read by then is lost. They take memory, too.',
        mend: 'Write logs to a disk, or keep them small and the agent running.',
      },
    ]
  return []
}
