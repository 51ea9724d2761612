import { dirname, resolve } from 'node:path'
import { hostname } from 'node:os'
import { readConfig } from '../../config/load.ts'
import { AgentError, ExitStatus } from '../../core/errors.ts'
import { configOption, textOption } from '../command.ts'
import type { Call, Command } from '../command.ts'
import { nodeHost } from '../host/node-host.ts'
import type { Host } from '../host/host.ts'
import type { Io } from '../io.ts'
import { configText } from './config-text.ts'
import { lookForSinks } from './look-for-sinks.ts'
import { lookForSources } from './places.ts'
import { reportOf, reportText } from './report.ts'
import { withFile } from './with-file.ts'
import { writeConfig } from './write-config.ts'

/** The disk keeps at least three quarters of what is free now. */
const shareOfFree = 4
const usualBufferBytes = 1024 ** 3
const leastBufferBytes = 64 * 1024 ** 2
const authorityFile = '/etc/elasticsearch/certs/http_ca.crt'

export const init: Command = {
  name: 'init',
  usage: '[-c FILE] [--force] [--print] [--json]',
  summary: 'Writes a commented config for this host: the logs that it finds, and the servers that answer.',
  details: [
    'It looks at /var/log and its folders, containers of Kubernetes and Docker, log folders below /opt, /srv, /var/www and here, and at the first lines of each file; and whether Elasticsearch, OpenSearch or Loki answer at $ES_URL, $LOKI_URL or on this host (9200, 3100). It reads nothing else and sends nothing.',
    'The config is valid as it is written. Every choice has its reason beside it, and what this user cannot read is named. Without a server that answers, events go to the terminal until you name one.',
    'The file is -c, else $LOGFERRY_CONFIG, else /etc/logferry/agent.config.json for root where that folder is there, else ./agent.config.json. One that is there is never replaced without --force, and then kept as FILE.old.',
  ],
  options: {
    config: { ...configOption.config, summary: 'The file to write.' },
    force: { summary: 'Replace a config that is there; it is kept as FILE.old.' },
    print: { summary: 'Print the config instead of writing it.' },
    json: { summary: 'What was found, as one JSON object.' },
  },
  takesArguments: false,
  examples: [
    ['sudo logferry init', 'root sees all logs; then read what it wrote'],
    ['logferry init --print | less', 'only look'],
  ],
  async run(call, io) {
    const host = await nodeHost()
    const path = await targetPath(call, io, host)
    const isPrinted = call.options['print'] === true
    const isForced = call.options['force'] === true
    // Before the looking, which takes seconds.
    const isThere = await host.fileSystem.lstat(path).catch(() => undefined)
    if (isThere && !isForced && !isPrinted) throw AgentError.of('config_exists', { path })
    const found = await lookAround(path, host, io)
    const text = configText(found)
    await mustBeValid(path, text, { host, env: io.env })
    const kept = isPrinted ? undefined : await writeConfig(path, text, isForced)
    const report = reportOf(found, { isWritten: !isPrinted, kept })
    if (call.options['json'] === true)
      io.stdout.write(`${JSON.stringify({ ...report, ...(isPrinted && { text }) }, undefined, 2)}\n`)
    else if (isPrinted) io.stdout.write(text)
    else io.stdout.write(reportText(report, io))
    return ExitStatus.done
  },
}

async function targetPath(call: Call, { env }: Io, { fileSystem, account }: Host): Promise<string> {
  const named = textOption(call, 'config') ?? (env['LOGFERRY_CONFIG'] || undefined)
  if (named !== undefined) return resolve(named)
  const folder = await fileSystem.stat('/etc/logferry').catch(() => undefined)
  return resolve(
    account.id === 0 && folder?.isDirectory === true
      ? '/etc/logferry/agent.config.json'
      : 'agent.config.json',
  )
}

async function lookAround(path: string, host: Host, { env }: Io): Promise<Parameters<typeof configText>[0]> {
  const dataDir = path.startsWith('/etc/') ? '/var/lib/logferry' : './data'
  const room = dataDir.startsWith('/') ? '/var/lib' : dirname(path)
  const [{ sources, notes }, sinks, space, authority] = await Promise.all([
    lookForSources(host, env['HOME'], process.cwd()),
    lookForSinks(env),
    host.space(room),
    host.fileSystem.stat(authorityFile).catch(() => undefined),
  ])
  const share = Math.max(leastBufferBytes, (space?.freeBytes ?? Infinity) / shareOfFree)
  return {
    path,
    hostName: hostname(),
    userName: host.account.name,
    date: new Date(host.nowMs()).toISOString().slice(0, 10),
    dataDir,
    bufferBytes: share < usualBufferBytes ? share : undefined,
    freeBytes: space?.freeBytes,
    sources,
    notes,
    sinks,
    authorityFile: authority ? authorityFile : undefined,
  }
}

/** What is written has to be taken: else that is our own mistake, and nobody should find it in a file. */
async function mustBeValid(
  path: string,
  text: string,
  { host, env }: { host: Host; env: Io['env'] },
): Promise<void> {
  const result = await readConfig(path, env, { fileSystem: withFile(host.fileSystem, path, text) })
  if ('problems' in result) throw new Error(`init made a config that is not valid:\n${result.text}`)
}
