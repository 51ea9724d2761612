import { startControl } from '../admin/control.ts'
import { startAdmin } from '../admin/server.ts'
import type { Admin } from '../admin/server.ts'
import { Agent } from '../agent.ts'
import { loadAhead } from '../components/manifest.ts'
import { loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/load.ts'
import { fingerprint, watchConfig } from '../config/watch.ts'
import { ExitStatus } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { enableRegexGuard } from '../parsers/regex-guard.ts'
import { nodeFileSystem } from '../platform/node-file-system.ts'
import { keepGarbageSmall } from '../platform/garbage.ts'
import { keepNursery } from '../platform/nursery.ts'
import { serviceManager } from '../platform/service-manager.ts'
import { standardOutput } from '../platform/standard-output.ts'
import { takeSignals } from '../platform/signals.ts'
import { systemClock } from '../platform/system-clock.ts'
import { optimiseLate } from '../platform/tier-up.ts'
import { throttleLog } from '../telemetry/log-throttle.ts'
import { createLog } from '../telemetry/log.ts'
import type { AdjustableLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { Troubles } from '../telemetry/troubles.ts'
import type { Io } from './io.ts'
import { openJobs } from './open-jobs.ts'
import { openTap } from './open-tap.ts'
import { Reloader } from './reload.ts'
import { runOnce } from './run-once.ts'
import { sayStarted } from './run-report.ts'
import { serviceStatus } from './service-status.ts'
import { version } from './version.ts'

export interface RunOptions {
  readonly config: string
  readonly once: boolean
  readonly timeoutMs?: number
}

/** `logferry run`: the daemon, until a signal; with `once`, until all that is there now is settled. */
export async function runCommand(options: RunOptions, io: Io): Promise<number> {
  const signals = takeSignals(process, () => process.exit(ExitStatus.failed))
  const loaded = await loadConfig(options.config, io.env)
  loadAhead(loaded.config)
  const read = await fingerprint(loaded.files, nodeFileSystem)
  const running = { loaded }
  const redact = (text: string): string => running.loaded.secrets.redact(text)
  const { ownLog, log, troubles } = openLogs(loaded, io, redact)
  setUpEngine()
  for (const warning of loaded.warnings) log.warn({}, warning)
  const metrics = createMetrics()
  const agent = await Agent.start({
    loaded,
    version,
    ...system,
    log,
    meter: (sink) => metrics.sinkMeter(sink),
    stdin: io.stdin,
    environment: io.env,
    stop: signals.stop,
    // For comparing the lanes, and should somebody suspect the fast one.
    isGeneralOnly: io.env['LOGFERRY_LANE'] === 'general',
  })
  metrics.observe(agent)
  if (agent.isFast) optimiseLate()
  if (options.once) return runOnce(agent, { timeoutMs: options.timeoutMs, stop: signals.stop, io })

  const doors = await openDoors(agent, loaded, { metrics, log, redact, troubles })
  // Not by the throttled log: somebody waits for the answer to this very edit, also when it is as wrong as the last.
  const reloadLog = troubles.watch(ownLog)
  const reloader = new Reloader({ agent, path: options.config, env: io.env, log: reloadLog, metrics })
  reloader.onApplied((next) => {
    running.loaded = next
    ownLog.setLevel(next.config.log.level)
    if (next.config.admin !== false) doors.admin?.setToken(next.config.admin.token)
  })
  sayStarted({ agent, adminUrl: doors.admin?.url, io, log })
  const service = serviceManager({ env: io.env, pid: process.pid, clock: systemClock, log })
  service.ready({
    status: serviceStatus(agent, systemClock),
    isAlive: () => agent.readerFailure === undefined,
  })
  const reload = (cause: string): Promise<void> => service.reloading(() => reloader.reload(cause))
  await serve(agent, { reload, signals, read })
  service.stopping()
  log.info(
    { signal: signals.stop.reason },
    'stopping: what is in flight is settled, the rest stays in the buffer',
  )
  await agent.stop()
  await doors.close()
  log.info({}, 'stopped')
  return ExitStatus.done
}

const system = {
  fileSystem: nodeFileSystem,
  clock: systemClock,
  random: Math.random,
  output: standardOutput,
}

/** The agent's log, the one that does not repeat itself without end, and what the page tells of it. */
function openLogs(
  { config }: LoadedConfig,
  io: Io,
  redact: (text: string) => string,
): { readonly ownLog: AdjustableLog; readonly log: Log; readonly troubles: Troubles } {
  const ownLog = createLog({
    level: config.log.level,
    stream: io.stderr,
    isTerminal: io.stderr.isTTY === true,
    colour: !io.env['NO_COLOR'],
    redact,
  })
  const troubles = new Troubles(systemClock)
  return { ownLog, log: troubles.watch(throttleLog(ownLog, { clock: systemClock })), troubles }
}

/** What V8 is told for as long as the agent runs. */
function setUpEngine(): void {
  enableRegexGuard()
  keepNursery()
  keepGarbageSmall()
}

/** Until the first SIGTERM or SIGINT. */
async function serve(
  agent: Agent,
  {
    reload,
    signals,
    read,
  }: { reload: Reloader['reload']; signals: ReturnType<typeof takeSignals>; read: string },
): Promise<void> {
  signals.handle({ reload: () => void reload('SIGHUP'), flush: () => agent.flush() })
  await watchConfig({
    files: () => agent.configFiles,
    changed: () => reload('an edit'),
    read,
    fileSystem: nodeFileSystem,
    clock: systemClock,
    signal: signals.stop,
  })
}

interface Doors {
  readonly admin: Admin | undefined
  close(): Promise<void>
}

/** The admin port and the control socket. Without the port that it is told to open the agent does not start. */
async function openDoors(
  agent: Agent,
  { config }: LoadedConfig,
  parts: Pick<Parameters<typeof startAdmin>[0], 'metrics' | 'log' | 'troubles'> & {
    redact: (text: string) => string
  },
): Promise<Doors> {
  const shared = { view: agent, clock: systemClock, openTap: openTap(agent), ...parts }
  // Loaded when somebody looks: a start has no use for advice about dead letters.
  const readLetters = async (): Promise<object> => {
    const { pageLetters } = await import('./page-letters.ts')
    return pageLetters(nodeFileSystem, config.data_dir)
  }
  const { admin: settings } = config
  try {
    const admin =
      settings === false
        ? undefined
        : await startAdmin({ listen: settings.listen, token: settings.token, readLetters, ...shared })
    const control = await startControl({ dataDir: config.data_dir, jobs: openJobs(agent), ...shared })
    return { admin, close: async () => void (await Promise.all([admin?.close(), control.close()])) }
  } catch (error) {
    await agent.stop()
    throw error
  }
}
