import { formatCount, formatCounted } from '../../../admin/quantities.ts'
import { limitOf } from '../../host/service.ts'
import { smallText } from '../../host/small-text.ts'
import { poolFor } from '../../../sources/file/descriptors.ts'
import { ok } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Check, Subject } from '../subject.ts'

/** What the whole system should have left when we begin. */
const spareOfSystem = 1_000

export const descriptorsCheck: Check = {
  name: 'open files',
  async run(subject) {
    const limit = limitOf(subject.service?.value('LimitNOFILE')) ?? subject.host.descriptorLimit
    const files = (await subject.survey()).files.filter(
      ({ packed, isClosed }) => packed === undefined && !isClosed,
    ).length
    const findings = [...ofProcess(limit, files, subject), ...(await ofSystem(files, subject))]
    const where =
      subject.service?.value('LimitNOFILE') === undefined ? '' : ` (LimitNOFILE of ${subject.service.name})`
    return findings.length > 0
      ? findings
      : [
          ok(
            `${formatCounted(files, 'file')} to read at a limit of ${limit === Infinity ? 'none' : formatCount(limit)}${where}`,
          ),
        ]
  },
}

function ofProcess(limit: number, files: number, { service }: Subject): Finding[] {
  const room = poolFor(files, limit)
  if (room >= files) return []
  const wanted = Math.max(65_536, files * 2)
  return [
    {
      severity: 'warning',
      seen: `${formatCounted(files, 'file')} are matched and ${formatCount(room)} may be open at once (limit of open files: ${formatCount(limit)})`,
      why: 'The least recently used file is closed for the next. Files that are rotated or deleted while they are closed have to be searched for, and a deleted one is lost.',
      mend: service
        ? `In ${service.name}: LimitNOFILE=${wanted}.`
        : 'Raise the limit of the shell or container that starts the agent:',
      commands: service
        ? [
            `mkdir -p /etc/systemd/system/${service.name}.d`,
            `printf '[Service]\\nLimitNOFILE=${wanted}\\n' > /etc/systemd/system/${service.name}.d/files.conf`,
            `systemctl daemon-reload && systemctl restart ${service.name}`,
          ]
        : [`ulimit -n ${wanted}`],
    },
  ]
}

/** /proc/sys/fs/file-nr: in use, unused, the most of all processes together. */
async function ofSystem(files: number, { host }: Subject): Promise<Finding[]> {
  const text = await smallText(host.fileSystem, '/proc/sys/fs/file-nr')
  const [used = 0, , most = Infinity] = (text ?? '').trim().split(/\s+/).map(Number)
  if (text === undefined || most - used >= files + spareOfSystem) return []
  return [
    {
      severity: 'warning',
      seen: `the whole system has ${formatCount(used)} of ${formatCount(most)} files open (fs.file-max)`,
      why: 'When it runs out nobody opens anything any more: no log, no connection.',
      commands: [`sysctl -w fs.file-max=${most * 2}`],
    },
  ]
}
