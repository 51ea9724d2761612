import { dirname, join } from 'node:path'
import { formatBytes, formatCount } from '../../../admin/quantities.ts'
import type { FileSystem } from '../../../core/file-system.ts'
import { isMemory, isNetwork, mountOf } from '../../host/mounts.ts'
import { ok, quoted, unknown } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Check, Subject } from '../subject.ts'

/** Two segments: below that not even what is being read has room. */
const leastFreeBytes = 64 * 1024 ** 2
const leastFreeInodes = 10_000
/** What is counted of a data_dir: it has some hundred files. */
const mostEntries = 10_000

export const dataDirCheck: Check = {
  name: 'data_dir',
  async run(subject) {
    const path = subject.loaded.config.data_dir
    const findings = [
      ...(await owned(path, subject)),
      ...placed(path, subject),
      ...(await roomFor(path, subject)),
    ]
    return findings
  },
}

async function owned(path: string, subject: Subject): Promise<Finding[]> {
  const { host, loaded, agent, accounts, service } = subject
  const stat = await host.fileSystem.stat(path).catch(() => undefined)
  if (!stat) {
    const isMade =
      service?.words('StateDirectory').some((name) => path.startsWith(`/var/lib/${name}`)) === true
    const parent = await existingParent(path, host.fileSystem)
    const above = await host.fileSystem.stat(parent).catch(() => undefined)
    const mayMake =
      isMade ||
      agent.id === 0 ||
      (above !== undefined &&
        ((above.owner === agent.id && (above.mode & 0o200) !== 0) ||
          (agent.groups.includes(above.group ?? -1) && (above.mode & 0o020) !== 0) ||
          (above.mode & 0o002) !== 0))
    if (mayMake) return []
    return [
      {
        severity: 'problem',
        seen: `data_dir ${path} is not there, and user ${agent.name} may not make it in ${parent}`,
        why: 'The agent ends at its start with exit status 1.',
        commands: [`install -d -m 0700 -o ${agent.name} ${quoted(path)}`],
      },
    ]
  }
  if (!stat.isDirectory)
    return [
      { severity: 'problem', seen: `data_dir ${path} is not a folder`, mend: 'Name another in "data_dir".' },
    ]
  if (stat.owner !== agent.id) {
    const owner = accounts.account(stat.owner ?? 0)?.name
    return [
      {
        severity: 'problem',
        seen: `data_dir ${path} belongs to ${owner ?? stat.owner}, and the agent runs as ${agent.name}`,
        why: 'The agent refuses a folder of somebody else: whoever can write in it could make it send or forget anything.',
        // Root without a service is whoever typed this: the folder given to root would be shut to the agent that has made it.
        commands:
          agent.id === 0 && !service && owner !== undefined
            ? [`runuser -u ${quoted(owner)} -- logferry doctor -c ${quoted(loaded.path)}`]
            : [`chown -R ${agent.name}: ${quoted(path)}`],
      },
    ]
  }
  if ((stat.mode & 0o002) !== 0)
    return [
      {
        severity: 'problem',
        seen: `everybody may write in data_dir ${path}`,
        why: 'The agent refuses it.',
        commands: [`chmod 0700 ${quoted(path)}`],
      },
    ]
  return []
}

/** The nearest folder above that is there. */
async function existingParent(path: string, fileSystem: FileSystem): Promise<string> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const stat = await fileSystem.stat(folder).catch(() => undefined)
    if (stat?.isDirectory === true || folder === '/') return folder
  }
}

function placed(path: string, { mounts }: Subject): Finding[] {
  const mount = mountOf(mounts, path)
  if (!mount) return []
  const seen = `data_dir ${path} lies on ${mount.type}`
  if (isMemory(mount))
    return [
      {
        severity: 'problem',
        seen,
        why: 'With a reboot the buffer is gone: events that were not sent, and how far each file was read. Until then it takes memory.',
        mend: 'Put "data_dir" on a disk.',
      },
    ]
  if (isNetwork(mount))
    return [
      {
        severity: 'warning',
        seen,
        why: 'Locks and syncs there are as good as the server makes them, and a server that is away stops reading and sending.',
        mend: 'Put "data_dir" on a local disk.',
      },
    ]
  if (mount.type === 'overlay')
    return [
      {
        severity: 'warning',
        seen,
        why: "That is a container's own layer: with a new container the buffer is gone, and all files are read again.",
        mend: 'Mount a volume at "data_dir" (docs/containers.md).',
      },
    ]
  return quotas(mount.options, path)
}

function quotas(options: readonly string[], path: string): Finding[] {
  const on = options.filter((option) => /^(?:usr|grp|prj|u|g|p)(?:j?quota|qnoenforce)|^quota$/.test(option))
  return on.length === 0
    ? []
    : [
        unknown(
          `quotas are on for the disk of ${path} (${on.join(', ')}): \`quota -s\` tells the agent's own limit`,
        ),
      ]
}

async function roomFor(path: string, { host, loaded: { config } }: Subject): Promise<Finding[]> {
  const space = await host.space(await existingParent(join(path, 'x'), host.fileSystem))
  if (!space) return [unknown(`the disk of data_dir ${path} does not tell its room`)]
  const { buffer, dead_letters: letters, sinks } = config
  const sinkCount = Object.keys(sinks).length
  const most = buffer.max_bytes + letters.max_bytes * sinkCount
  const left = Math.max(0, most - (await bytesBelow(path, host.fileSystem)))
  const need = `buffer.max_bytes ${formatBytes(buffer.max_bytes)} and dead_letters.max_bytes ${formatBytes(letters.max_bytes)} for each of ${sinkCount === 1 ? 'one sink' : `${sinkCount} sinks`}`
  const findings: Finding[] = []
  if (space.freeBytes < left)
    findings.push({
      severity: space.freeBytes < leastFreeBytes ? 'problem' : 'warning',
      seen: `${formatBytes(space.freeBytes)} free for data_dir ${path}, which may grow by ${formatBytes(left)} (${need})`,
      why: 'A full disk is a full buffer: reading waits and nothing is lost, but files that are rotated away meanwhile are. Everybody else on that disk suffers first.',
      mend: `Make room, or lower the two: "buffer": { "max_bytes": "${lowered(space.freeBytes)}" }.`,
      commands: [`df -h ${quoted(path)}`],
    })
  if (space.totalInodes > 0 && space.freeInodes < leastFreeInodes)
    findings.push({
      severity: 'warning',
      seen: `${formatCount(space.freeInodes)} inodes free for data_dir ${path}`,
      why: 'Without one no file can be made, however many bytes are free.',
      commands: [`df -i ${quoted(path)}`],
    })
  return findings.length > 0
    ? findings
    : [
        ok(
          `${formatBytes(space.freeBytes)} free for data_dir ${path}, which may grow by ${formatBytes(left)}`,
        ),
      ]
}

/** Half of what is free, in whole MiB; the buffer takes no less than 4. */
const lowered = (freeBytes: number): string => `${Math.max(4, Math.floor(freeBytes / 2 / 1024 ** 2))}MiB`

async function bytesBelow(path: string, fileSystem: FileSystem): Promise<number> {
  let [bytes, entries] = [0, 0]
  const open = [path]
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of await fileSystem.readdir(folder).catch(() => [])) {
      if ((entries += 1) > mostEntries) return bytes
      const name = join(folder, entry.name)
      if (entry.isDirectory) open.push(name)
      else if (entry.isFile) bytes += (await fileSystem.stat(name).catch(() => undefined))?.size ?? 0
    }
  }
  return bytes
}
