import { formatDuration } from '../../../admin/quantities.ts'
import { parseDuration } from '../../../components/fields.ts'
import { isUnder } from '../../../sources/file/discovery/glob.ts'
import type { Service } from '../../host/service.ts'
import { named, ok, unknown } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Check, Subject } from '../subject.ts'

/** What systemd keeps from the agent, and what it is run as. */
export const serviceCheck: Check = {
  name: 'service',
  async run(subject) {
    const { account, service, loaded } = subject
    if (!service) {
      const asRoot: Finding = {
        severity: 'warning',
        seen: 'no logferry.service runs this config, and this user is root',
        why: 'As root the agent may read and overwrite everything. It needs to read logs and write into data_dir, no more.',
        mend: 'docs/hosts.md installs it as a service with a user of its own.',
      }
      return account.id === 0
        ? [asRoot]
        : [ok(`no logferry.service runs this config; looked at as user ${account.name}`)]
    }
    const findings = [
      ...eyes(subject, service),
      ...rights(subject, service),
      ...unwritable(subject, service),
      ...hidden(subject, service),
      ...stopTime(loaded.config.shutdown_timeout, service),
    ]
    return findings.length > 0 ? findings : [ok(`${service.path} runs it as user ${account.name}`)]
  },
}

function eyes({ account, agent }: Subject, service: Service): Finding[] {
  if (account.id === agent.id) return []
  const seen = `looked at as user ${account.name}, and ${service.name} runs as ${agent.name}: run it as root for what that user may read`
  return [unknown(seen)]
}

function rights({ agent }: Subject, service: Service): Finding[] {
  if (agent.id !== 0) return []
  return [
    {
      severity: 'warning',
      seen: `${service.path} runs the agent as root`,
      why: 'As root it may read and overwrite everything. It needs to read logs and write into data_dir, no more.',
      mend: 'User=logferry, as in systemd/logferry.service.',
    },
  ]
}

const isIn = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => path === folder || isUnder(path, folder))

/** Folders that it has to write into and may not. */
function unwritable({ loaded: { config } }: Subject, service: Service): Finding[] {
  const protect = service.value('ProtectSystem') ?? 'no'
  const readOnly =
    protect === 'strict'
      ? ['/']
      : protect === 'full'
        ? ['/usr', '/boot', '/efi', '/etc']
        : /^(?:1|yes|true|on)$/.test(protect)
          ? ['/usr', '/boot', '/efi']
          : []
  if (/^(?:read-only|1|yes|true|on|tmpfs)$/.test(service.value('ProtectHome') ?? ''))
    readOnly.push('/home', '/root')
  const open = [
    ...service.words('ReadWritePaths').map((path) => path.replace(/^[-+]+/, '')),
    ...service.words('StateDirectory').map((name) => `/var/lib/${name.replace(/:.*$/, '')}`),
    ...service.words('LogsDirectory').map((name) => `/var/log/${name}`),
    ...service.words('CacheDirectory').map((name) => `/var/cache/${name}`),
    ...service.words('RuntimeDirectory').map((name) => `/run/${name}`),
    ...(service.isOn('PrivateTmp') ? ['/tmp', '/var/tmp'] : []),
    '/dev',
  ]
  const written = [
    { key: '"data_dir"', path: config.data_dir },
    ...Object.entries(config.sinks).flatMap(([name, { type, path }]) =>
      type === 'file' && typeof path === 'string' ? [{ key: `"sinks.${name}.path"`, path }] : [],
    ),
  ]
  return written
    .filter(({ path }) => isIn(path, readOnly) && !isIn(path, open))
    .map(({ key, path }): Finding => ({
      severity: 'problem',
      seen: `${path} (${key}) is read-only for the service (ProtectSystem=${protect})`,
      why:
        key === '"data_dir"'
          ? 'The agent ends at its start with exit status 1.'
          : 'The sink can write nothing; its events fill the buffer.',
      mend: `A path below ${open[0] ?? '/var/lib/logferry'}, or ReadWritePaths= in ${service.name}.`,
    }))
}

/** Logs that the service does not see. */
function hidden({ loaded: { config } }: Subject, service: Service): Finding[] {
  const home = service.value('ProtectHome') ?? 'no'
  const places = [
    ...(service.isOn('PrivateTmp') ? [{ setting: 'PrivateTmp', folders: ['/tmp', '/var/tmp'] }] : []),
    ...(/^(?:1|yes|true|on|tmpfs)$/.test(home)
      ? [{ setting: 'ProtectHome', folders: ['/home', '/root', '/run/user'] }]
      : []),
  ]
  return places.flatMap(({ setting, folders }) =>
    Object.entries(config.sources).flatMap(([name, { include }]): Finding[] => {
      const own = Array.isArray(include) ? include.map(String) : []
      const unseen = own.filter((pattern) => folders.some((folder) => isUnder(pattern, folder)))
      if (unseen.length === 0) return []
      return [
        {
          severity: 'problem',
          seen: `sources.${name} reads ${named(unseen)}, which the service does not see (${setting}=${service.value(setting)})`,
          why: 'It has an empty folder of its own there, and finds no file.',
          mend: `${setting}=no in ${service.name}, or logs in another folder.`,
        },
      ]
    }),
  )
}

function stopTime(shutdownMs: number, service: Service): Finding[] {
  const text = service.value('TimeoutStopSec')
  const stopMs =
    text === undefined
      ? 90_000
      : /^\d+$/.test(text)
        ? Number(text) * 1000
        : parseDuration(text.replace(/min$/, 'm'))
  if (stopMs === undefined || stopMs > shutdownMs) return []
  return [
    {
      severity: 'warning',
      seen: `systemd kills the agent ${formatDuration(stopMs)} after a stop (TimeoutStopSec), and a drain may take ${formatDuration(shutdownMs)} (shutdown_timeout)`,
      why: 'Nothing is lost by that, but what was in flight is sent again at the next start.',
      mend: `TimeoutStopSec=${Math.ceil(shutdownMs / 1000) + 15} in ${service.name}.`,
    },
  ]
}
