import type { Agent } from '../agent.ts'
import { withoutUserInfo } from '../config/secrets.ts'
import type { Log } from '../core/log.ts'
import type { Io } from './io.ts'

/** One screen that says what runs and where its status is: readable on a terminal, one log line elsewhere. */
export function sayStarted(options: { agent: Agent; adminUrl: string | undefined; io: Io; log: Log }): void {
  const { agent, adminUrl, io, log } = options
  const { config } = agent
  const files = agent.files().length
  log.info(
    {
      version: agent.version,
      sources: Object.keys(config.sources),
      sinks: Object.keys(config.sinks),
      files,
      admin: adminUrl,
    },
    'started',
  )
  if (io.stderr.isTTY !== true) return
  const lines = [
    `logferry ${agent.version} is running with ${agent.configPath}`,
    ...Object.entries(config.sources).map(
      ([name, source]) => `  source ${name}: ${describe(source, ['include', 'start_at'])}`,
    ),
    ...Object.entries(config.sinks).map(
      ([name, sink]) => `  sink   ${name}: ${describe(sink, ['nodes', 'index', 'url', 'path'])}`,
    ),
    `  buffer ${config.data_dir}/buffer, up to ${Math.round(config.buffer.max_bytes / 1024 ** 2)} MiB`,
    adminUrl
      ? `  status ${adminUrl}/ · ${adminUrl}/status · ${adminUrl}/metrics`
      : '  status: the admin port is off',
    `  ${files} files are open or known. Edit the config and save: it is taken over. Ctrl-C stops, nothing is lost.`,
  ]
  io.stderr.write(`\n${lines.join('\n')}\n\n`)
}

function describe(config: Readonly<Record<string, unknown>>, keys: readonly string[]): string {
  const values = keys.filter((key) => config[key] !== undefined).map((key) => `${key} ${shown(config[key])}`)
  return [String(config['type']), ...values].join(', ')
}

const shown = (value: unknown): string =>
  withoutUserInfo(Array.isArray(value) ? value.join(' ') : String(value))
