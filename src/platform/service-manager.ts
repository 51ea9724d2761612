import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import { openNotifyChannel } from './notify-channel.ts'
import type { Environment, NotifyChannel } from './notify-channel.ts'

/** What the manager is told from time to time. */
export interface ServiceLife {
  /** One line for `systemctl status`. */
  status(): string
  /** False once only a restart can help: the watchdog is not fed any more. */
  isAlive(): boolean
}

/** systemd, or whoever else set NOTIFY_SOCKET: sd_notify(3). Nothing here ever fails the agent. */
export interface ServiceManager {
  /** The service is up; status and watchdog follow from now on. */
  ready(life: ServiceLife): void
  /** Runs a reload, with the manager told of its begin and its end. */
  reloading(reload: () => Promise<void>): Promise<void>
  stopping(): void
}

export interface ServiceManagerOptions {
  readonly env: Environment
  readonly pid: number
  readonly clock: Clock
  readonly log: Log
  /** CLOCK_MONOTONIC in microseconds, as the manager itself reads it. */
  readonly monotonicUsec?: () => bigint
}

const unmanaged: ServiceManager = {
  ready() {},
  reloading: (reload) => reload(),
  stopping() {},
}

export function serviceManager(options: ServiceManagerOptions): ServiceManager {
  const channel = openNotifyChannel(options.env, options.pid)
  return channel ? new NotifiedManager(channel, options) : unmanaged
}

/** The status is renewed this often where no watchdog asks for more. */
const statusEveryMs = 30_000
/** Pings for each watchdog interval: with three, one that comes late or is lost does not kill the service. */
const pingsPerInterval = 3
const leastEveryMs = 50

/** Exported for its test. */
export class NotifiedManager implements ServiceManager {
  readonly #channel: NotifyChannel
  readonly #options: ServiceManagerOptions
  readonly #watchdogMs: number | undefined
  #life: ServiceLife | undefined
  #isStopping = false
  #unsent = 0
  #lastSent: Promise<void> = Promise.resolve()
  #lastStatus: string | undefined
  #hasFailed = false

  constructor(channel: NotifyChannel, options: ServiceManagerOptions) {
    this.#channel = channel
    this.#options = options
    this.#watchdogMs = watchdogMs(options.env, options.pid)
  }

  ready(life: ServiceLife): void {
    this.#life = life
    this.#say(['READY=1', this.#statusLine(life)])
    this.#beatLater()
  }

  async reloading(reload: () => Promise<void>): Promise<void> {
    const { monotonicUsec = () => process.hrtime.bigint() / 1000n } = this.#options
    // Without the time, Type=notify-reload could take an answer to an earlier reload for one to this.
    this.#say(['RELOADING=1', `MONOTONIC_USEC=${monotonicUsec()}`])
    try {
      await reload()
    } finally {
      if (!this.#isStopping) this.#say(['READY=1'])
    }
  }

  stopping(): void {
    this.#isStopping = true
    this.#say(['STOPPING=1', 'STATUS=stopping: what is in flight is settled, the rest stays in the buffer'])
  }

  /** From a timer of the event loop: one that does not turn over any more does not ping either. */
  #beat(life: ServiceLife): void {
    this.#beatLater()
    // The last one is not through yet: another would only make the queue longer.
    if (this.#unsent > 0) return
    const lines: string[] = []
    if (this.#watchdogMs !== undefined && life.isAlive()) lines.push('WATCHDOG=1')
    const before = this.#lastStatus
    const status = this.#statusLine(life)
    if (!this.#isStopping && status !== before) lines.push(status)
    if (lines.length > 0) this.#say(lines)
  }

  #beatLater(): void {
    const life = this.#life
    const wanted = Math.min(statusEveryMs, (this.#watchdogMs ?? Infinity) / pingsPerInterval)
    if (life) this.#options.clock.after(Math.max(leastEveryMs, wanted), () => this.#beat(life))
  }

  /** A line break would begin an assignment of its own. */
  #statusLine(life: ServiceLife): string {
    return (this.#lastStatus = `STATUS=${life.status().replaceAll(/\s+/g, ' ')}`)
  }

  /** One after the other: RELOADING after its READY would leave the unit in `reloading` for ever. */
  #say(lines: readonly string[]): void {
    this.#unsent += 1
    this.#lastSent = this.#lastSent
      .then(() => this.#channel.send(lines))
      .then(
        () => this.#said(),
        (error: unknown) => this.#notSaid(error),
      )
  }

  #said(): void {
    this.#unsent -= 1
    this.#hasFailed = false
  }

  #notSaid(error: unknown): void {
    this.#unsent -= 1
    if (this.#hasFailed) return
    this.#hasFailed = true
    const reason = error instanceof Error ? error.message : String(error)
    this.#options.log.warn({ reason }, 'the service manager could not be told, is systemd-notify installed?')
  }
}

/** WATCHDOG_USEC, where it is meant for this process and not for one that started us. */
function watchdogMs(env: Environment, pid: number): number | undefined {
  const microseconds = Number(env['WATCHDOG_USEC'])
  const isOurs = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(pid)
  return isOurs && microseconds > 0 && Number.isFinite(microseconds) ? microseconds / 1000 : undefined
}
