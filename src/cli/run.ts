import { Agent } from '../agent.ts'
import { startAdmin } from '../admin/server.ts'
import type { Admin } from '../admin/server.ts'
import { loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/load.ts'
import { watchConfig } from '../config/watch.ts'
import { AgentError, ExitStatus } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { enableRegexGuard } from '../parsers/regex-guard.ts'
import { nodeFileSystem } from '../platform/node-file-system.ts'
import { systemClock } from '../platform/system-clock.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import type { Io } from './io.ts'
import { runOnce } from './run-once.ts'
import { sayStarted } from './run-report.ts'
import { version } from './version.ts'

export interface RunOptions {
  readonly config: string
  readonly once: boolean
  readonly timeoutMs?: number
}

/** `logferry run`: the daemon, until a signal; with `once`, until all that is there now is settled. */
export async function runCommand(options: RunOptions, io: Io): Promise<number> {
  const loaded = await loadConfig(options.config, process.env)
  let redact = (text: string): string => loaded.secrets.redact(text)
  const log = createLog({
    level: loaded.config.log.level,
    stream: io.stderr,
    isTerminal: io.stderr.isTTY === true,
    redact: (text) => redact(text),
  })
  enableRegexGuard()
  for (const warning of loaded.warnings) log.warn({}, warning)
  const metrics = createMetrics()
  const agent = await Agent.start({
    loaded,
    version,
    fileSystem: nodeFileSystem,
    clock: systemClock,
    random: Math.random,
    log,
    meter: (sink) => metrics.sinkMeter(sink),
  })
  metrics.observe(agent)
  if (options.once) return runOnce(agent, { timeoutMs: options.timeoutMs, io })

  const admin = await startAdminOrStop(agent, loaded, { metrics, log, redact: (text) => redact(text) })
  sayStarted({ agent, adminUrl: admin?.url, io, log })
  const stopped = new AbortController()
  const reload = reloader(agent, options.config, {
    log,
    metrics,
    use: (next) => (redact = (text) => next.secrets.redact(text)),
  })
  process.on('SIGHUP', () => void reload('SIGHUP'))
  process.on('SIGUSR2', () => agent.flush())
  const watching = watchConfig({
    files: () => agent.configFiles,
    changed: () => reload('an edit'),
    fileSystem: nodeFileSystem,
    clock: systemClock,
    signal: stopped.signal,
  })
  const signal = await stopSignal()
  log.info({ signal }, 'stopping: settling what is in flight, the rest stays in the buffer')
  stopped.abort()
  await watching
  await agent.stop()
  await admin?.close()
  log.info({}, 'stopped')
  return ExitStatus.done
}

async function startAdminOrStop(
  agent: Agent,
  loaded: LoadedConfig,
  parts: { metrics: ReturnType<typeof createMetrics>; log: Log; redact: (text: string) => string },
): Promise<Admin | undefined> {
  const { admin } = loaded.config
  if (admin === false) return undefined
  try {
    return await startAdmin({
      listen: admin.listen,
      token: admin.token,
      view: agent,
      clock: systemClock,
      ...parts,
    })
  } catch (error) {
    await agent.stop()
    throw error
  }
}

/** One reload at a time; one asked for meanwhile follows, as it may be about a newer edit. */
function reloader(
  agent: Agent,
  path: string,
  parts: { log: Log; metrics: ReturnType<typeof createMetrics>; use: (loaded: LoadedConfig) => void },
): (cause: string) => Promise<void> {
  const { log, metrics } = parts
  let last = Promise.resolve()
  const reloadNow = async (cause: string): Promise<void> => {
    try {
      const loaded = await loadConfig(path, process.env)
      const diff = await agent.reload(loaded)
      parts.use(loaded)
      for (const warning of loaded.warnings) log.warn({}, warning)
      for (const key of diff.needsRestart)
        log.warn({ key }, 'this change needs a restart; until then the old value holds')
      metrics.configReloaded('success')
      log.info({ cause, ...diff.sinks, sourcesChanged: diff.sourcesChanged }, 'config reloaded')
    } catch (error) {
      metrics.configReloaded('failure')
      log.error({ cause }, `config not reloaded, the running one stays in place: ${AgentError.textOf(error)}`)
    }
  }
  return (cause) => {
    last = last.then(() => reloadNow(cause))
    return last
  }
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once (the buffer makes that safe). */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    let isStopping = false
    const onSignal = (signal: string): void => {
      if (isStopping) process.exit(ExitStatus.failed)
      isStopping = true
      resolve(signal)
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  })
}
