import { formatCount } from '../../../admin/quantities.ts'
import type { FileSystem } from '../../../core/file-system.ts'
import { smallText } from '../../host/small-text.ts'
import { ok } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Check } from '../subject.ts'

const config = '/etc/systemd/journald.conf'

/** Services whose lines reach a file by way of the journal: what that leaves out no file ever gets. */
export const journaldCheck: Check = {
  name: 'journal',
  async run({ host: { fileSystem }, survey }) {
    const isThere = await fileSystem.stat('/run/systemd/journal').catch(() => undefined)
    if (!isThere) return [ok('no journald on this host')]
    const { files, sources } = await survey()
    const reads = files.some(({ path }) => /^\/var\/log\/(?:syslog|messages)/.test(path))
    const wanted = sources.some(
      ({ filter }) => filter.matches('/var/log/syslog') || filter.matches('/var/log/messages'),
    )
    if (wanted && !reads && sources.length > 0) return [onlyJournal]
    if (!reads) return [ok('services that log to the journal alone are not read by this config')]
    return rate(await settingsOf(fileSystem))
  },
}

const onlyJournal: Finding = {
  severity: 'warning',
  seen: 'this host keeps its system log in the journal alone: there is no /var/log/syslog or /var/log/messages',
  why: 'This version reads files, not the journal: what services print there is not shipped.',
  mend: 'Let rsyslog write it to a file (its package is enough on Debian), or log to files.',
}

/** Debian and RHEL leave journald's own limit in place. */
function rate(settings: ReadonlyMap<string, string>): Finding[] {
  const interval = settings.get('RateLimitIntervalSec') ?? '30s'
  const burst = settings.get('RateLimitBurst') ?? '10000'
  if (Number.parseInt(interval, 10) === 0 || Number(burst) === 0) return [ok('journald lets every line pass')]
  const seen = `journald drops what a service logs beyond ${formatCount(Number(burst))} lines in ${interval} (RateLimitBurst)`
  if (Number(burst) >= 10_000) return [ok(`${seen}: count "Suppressed" in the journal`)]
  return [
    {
      severity: 'warning',
      seen,
      why: 'Such lines never reach /var/log/syslog, and no shipper can know of them.',
      mend: `RateLimitIntervalSec= and RateLimitBurst= in ${config}, then systemctl restart systemd-journald.`,
      commands: ['journalctl -u systemd-journald | grep -c Suppressed'],
    },
  ]
}

async function settingsOf(fileSystem: FileSystem): Promise<Map<string, string>> {
  const text = (await smallText(fileSystem, config)) ?? ''
  return new Map([...text.matchAll(/^(\w+)=(.+)$/gm)].map(([, key, value]) => [key!, value!.trim()]))
}
