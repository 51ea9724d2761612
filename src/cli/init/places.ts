import { basename, join } from 'node:path'
import type { Host } from '../host/host.ts'
import { literal, logFile, logFolder, patternsOf } from './log-files.ts'
import type { LogFile } from './log-files.ts'

/** A source to be: what is there, and how to match it. */
export interface FoundSource {
  readonly name: string
  readonly include: readonly string[]
  readonly exclude?: readonly string[]
  readonly files: readonly LogFile[]
  /** Why it is here, as a sentence. */
  readonly about: string
  /** Value of the field `service`. */
  readonly service?: string
  readonly isContainers?: boolean
  /** It was closed to who looked: what is in it nobody knows. */
  readonly closed?: string
}

export interface FoundSources {
  readonly sources: readonly FoundSource[]
  /** What was seen and left out, as sentences. */
  readonly notes: readonly string[]
}

/** Nothing of it moves any more. */
const abandonedMs = 90 * 86_400_000
const mostSources = 40

/** Folders of /var/log that hold no logs of ours to read, or are read by another way. */
const notApplications = new Set([
  'journal',
  'private',
  'containers',
  'pods',
  'installer',
  'sysstat',
  'apt',
  'logferry',
  'dist-upgrade',
  'unattended-upgrades',
  'README',
])
const systemFiles = ['syslog', 'messages', 'secure', 'maillog', 'cron']
/** What syslog writes a second time beside `syslog` or `messages`. */
const repeats = ['kern.log', 'daemon.log', 'user.log', 'debug', 'cron.log']

/** Looks for logs where programs usually leave them. Sources with names of their own come before /var/log itself. */
export async function lookForSources(
  host: Host,
  home: string | undefined,
  here: string,
): Promise<FoundSources> {
  const notes: string[] = []
  const applications = await applicationFolders(host, home, here)
  const found = [
    ...(await containers(host)),
    ...(await folders(host, applications, notes)),
    ...(await system(host, notes)),
  ]
  const { sources, left } = named(found)
  if (left > 0)
    notes.push(
      `${left} more folders with logs were left out: ${mostSources} sources are enough to begin with`,
    )
  return { sources, notes }
}

async function containers(host: Host): Promise<FoundSource[]> {
  const places = [
    {
      folder: '/var/log/pods',
      pattern: '/var/log/pods/*/*/*.log',
      name: 'pods',
      about: 'Containers of Kubernetes: pod, namespace and container come from the path.',
    },
    {
      folder: '/var/lib/docker/containers',
      pattern: '/var/lib/docker/containers/*/*-json.log',
      name: 'docker',
      about:
        "Containers of Docker (json-file driver). The agent's own output should not be among them: --log-driver local.",
    },
  ]
  const found: FoundSource[] = []
  for (const { folder, pattern, name, about } of places) {
    const { files, closed } = await logFolder(host, folder)
    if (closed === 'ENOENT' || closed === 'ENOTDIR') continue
    if (files.length === 0 && closed === undefined) continue
    found.push({
      name,
      include: [pattern],
      files,
      about,
      isContainers: true,
      ...(closed !== undefined && { closed }),
    })
  }
  return found
}

/** Folders that one program has for itself, each with its name. */
async function applicationFolders(
  host: Host,
  home: string | undefined,
  here: string,
): Promise<{ path: string; name: string }[]> {
  const below = async (folder: string): Promise<string[]> => {
    const entries = await host.fileSystem.readdir(folder).catch(() => [])
    return entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => join(folder, name))
  }
  const ofPrograms = (await below('/var/log')).filter((path) => !notApplications.has(basename(path)))
  const installed = [...(await below('/opt')), ...(await below('/srv')), ...(await below('/var/www'))]
  return [
    ...ofPrograms.map((path) => ({ path, name: basename(path) })),
    ...installed.flatMap((path) =>
      ['log', 'logs'].map((name) => ({ path: join(path, name), name: basename(path) })),
    ),
    ...(home === undefined ? [] : [{ path: join(home, '.pm2/logs'), name: 'pm2' }]),
    ...['log', 'logs'].map((name) => ({ path: join(here, name), name: basename(here) })),
  ]
}

async function folders(
  host: Host,
  places: readonly { path: string; name: string }[],
  notes: string[],
): Promise<FoundSource[]> {
  const found: FoundSource[] = []
  for (const { path, name } of places) {
    const { files, closed } = await logFolder(host, path)
    if (closed !== undefined && closed !== 'ENOENT' && closed !== 'ENOTDIR') {
      found.push({
        name,
        include: [`${literal(path)}/*.log`],
        files: [],
        about: aboutFolder(name),
        service: name,
        closed,
      })
    }
    if (files.length === 0) continue
    if (files.every(({ mtimeMs }) => host.nowMs() - mtimeMs > abandonedMs)) {
      notes.push(`left out, as nothing was written there for 90 days: ${path}`)
      continue
    }
    found.push({ name, include: patternsOf(path, files), files, about: aboutFolder(name), service: name })
  }
  return found
}

function aboutFolder(name: string): string {
  const known: Readonly<Record<string, string>> = {
    nginx: 'nginx: requests, and its errors.',
    apache2: 'Apache: requests, and its errors.',
    httpd: 'Apache: requests, and its errors.',
    audit: 'The audit log of the kernel.',
  }
  return known[name] ?? `The logs of ${name}, by its folder's name.`
}

async function system(host: Host, notes: string[]): Promise<FoundSource[]> {
  const { files } = await logFolder(host, '/var/log', false)
  const isJournal = await host.fileSystem.stat('/run/systemd/journal').catch(() => undefined)
  const [syslog, messages] = [
    await logFile(host, '/var/log/syslog'),
    await logFile(host, '/var/log/messages'),
  ]
  const hasSyslog = syslog !== undefined || messages !== undefined
  if (isJournal && !hasSyslog)
    notes.push(
      'the system log is in the journal alone (no /var/log/syslog or messages), which this version does not read: rsyslog would write it to a file',
    )
  const isTwice = (path: string): boolean => hasSyslog && repeats.includes(basename(path))
  const own = files.filter(
    ({ path }) => (path.endsWith('.log') || systemFiles.includes(basename(path))) && !isTwice(path),
  )
  if (own.length === 0) return []
  const plain = own.filter(({ path }) => !path.endsWith('.log')).map(({ path }) => path)
  const exclude = files.filter(({ path }) => path.endsWith('.log') && isTwice(path)).map(({ path }) => path)
  return [
    {
      name: 'system',
      include: [...(own.some(({ path }) => path.endsWith('.log')) ? ['/var/log/*.log'] : []), ...plain],
      ...(exclude.length > 0 && { exclude }),
      files: own,
      about: `What the host itself logs.${exclude.length > 0 ? ' What is excluded stands in syslog as well.' : ''}`,
      service: 'system',
    },
  ]
}

/** Names that the config takes, each once. */
function named(found: readonly FoundSource[]): { sources: FoundSource[]; left: number } {
  const used = new Set<string>()
  const sources = found.slice(0, mostSources).map((source) => {
    const base =
      source.name
        .toLowerCase()
        .replaceAll(/[^a-z0-9_-]+/g, '-')
        .replaceAll(/^-+|-+$/g, '') || 'logs'
    let name = base
    for (let count = 2; used.has(name); count++) name = `${base}-${count}`
    used.add(name)
    return { ...source, name }
  })
  return { sources, left: found.length - sources.length }
}
