import type { Agent } from '../agent.ts'
import { loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/load.ts'
import { AgentError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { createMetrics } from '../telemetry/metrics.ts'
import type { Io } from './io.ts'

/** Settings that a reload applies at once; of the others it says that they need a restart. */
const appliedAtOnce = new Set(['log.level', 'admin.token', 'shutdown_timeout'])

export interface ReloaderOptions {
  readonly agent: Agent
  readonly path: string
  readonly env: Io['env']
  readonly log: Log
  readonly metrics: Pick<ReturnType<typeof createMetrics>, 'configReloaded'>
}

/** Reads the config again and applies it; a bad one is named in the log and changes nothing. */
export class Reloader {
  readonly #options: ReloaderOptions
  #applied: (loaded: LoadedConfig) => void = () => {}
  #last: Promise<void> = Promise.resolve()

  constructor(options: ReloaderOptions) {
    this.#options = options
  }

  /** Called with each config that came into force, for what lies outside the agent (log level, token, secrets). */
  onApplied(listener: (loaded: LoadedConfig) => void): void {
    this.#applied = listener
  }

  /** One at a time; one asked for meanwhile follows, as it may be about a newer edit. Never rejects. */
  reload(cause: string): Promise<void> {
    this.#last = this.#last.then(() => this.#reload(cause))
    return this.#last
  }

  async #reload(cause: string): Promise<void> {
    const { agent, path, env, log, metrics } = this.#options
    try {
      const loaded = await loadConfig(path, env)
      const { sources, sinks, settings, needsRestart } = await agent.reload(loaded)
      this.#applied(loaded)
      for (const warning of loaded.warnings) log.warn({}, warning)
      for (const key of [...needsRestart, ...settings.filter((setting) => !appliedAtOnce.has(setting))]) {
        log.warn({ key }, `a change of ${key} needs a restart; until then the old value holds`)
      }
      metrics.configReloaded('success')
      log.info({ cause, sources, sinks, settings }, 'config reloaded')
    } catch (error) {
      metrics.configReloaded('failure')
      const text = AgentError.textOf(error)
      log.error({ cause }, `the config was not reloaded, the running one stays in place: ${text}`)
    }
  }
}
