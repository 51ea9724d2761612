import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { patternOf } from '../inputs/input.ts'
import type { Command } from '../processes/measured-process.ts'
import type { Job, Target } from './pipeline.ts'

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url))

export interface AgentOptions {
  /** Ends when everything is settled. */
  readonly isOnce: boolean
  /** Where its HTTP server listens; default: any free port. */
  readonly adminPort?: number
  readonly adminToken?: string
  /** Instead of those of the job. */
  readonly targets?: readonly Target[]
}

/** Writes the agent's config into the job's folder and returns the command that runs it. The data stays between calls. */
export function agentCommand(job: Job, options: AgentOptions): Command {
  const dataDir = join(job.folder, 'data')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const configFile = join(job.folder, 'agent.config.json')
  const { adminPort = 0, adminToken: token, targets = job.targets } = options
  const config = {
    data_dir: dataDir,
    log: { level: 'warn' },
    admin: { listen: `127.0.0.1:${adminPort}`, ...(token !== undefined && { token }) },
    // A backlog has to fit in.
    ...(job.scenario.backlog !== undefined && { buffer: { max_bytes: '64GiB' } }),
    sources: { app: { type: 'file', include: [patternOf(job.input)], ...job.format.source } },
    sinks: Object.fromEntries(targets.map((target, index) => [`out${index}`, sinkConfig(target, job)])),
  }
  writeFileSync(configFile, JSON.stringify(config, undefined, 2))
  const args = [main, 'run', '-c', configFile, ...(options.isOnce ? ['--once'] : [])]
  return { program: job.node, args, folder: job.folder }
}

function sinkConfig({ kind, url }: Target, { scenario, format }: Job): object {
  const { maxWait } = scenario
  const batch = maxWait !== undefined && { batch: { max_wait: maxWait } }
  if (kind === 'loki') return { type: 'loki', url, labels: format.labels, ...batch }
  const compression = kind === 'elasticsearch-gzip' ? 'gzip' : 'none'
  return { type: 'elasticsearch', nodes: [url], index: 'bench-%Y.%m.%d', compression, ...batch }
}
