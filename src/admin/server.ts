import type { Server } from 'node:http'
import { hostname } from 'node:os'
import { parseListen } from '../config/listen.ts'
import type { Clock } from '../core/clock.ts'
import { AgentError } from '../core/errors.ts'
import { systemErrorCode } from '../core/file-system.ts'
import { limits as bounds } from '../core/limits.ts'
import type { Log } from '../core/log.ts'
import { History } from '../telemetry/history.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Troubles } from '../telemetry/troubles.ts'
import type { AgentView } from '../telemetry/view.ts'
import { closeServer, createAnswerServer } from './answer-server.ts'
import type { AdminLimits } from './answer-server.ts'
import { urlOf } from './listen-address.ts'
import type { ListenAddress } from './listen-address.ts'
import { LossWindow } from './loss-window.ts'
import { LettersRoute } from './page/letters.ts'
import type { ReadLetters } from './page/letters.ts'
import type { PageParts } from './page/page-routes.ts'
import { answer } from './routes.ts'
import { TapRoute } from './tap-route.ts'
import type { OpenTap } from './tap-route.ts'

export interface AdminOptions {
  /** `admin.listen`: `127.0.0.1:9465`; port 0 takes a free one. */
  readonly listen: string
  readonly token: string | undefined
  readonly view: AgentView
  readonly metrics: Pick<Metrics, 'scrape' | 'requestTimes'>
  readonly clock: Clock
  /** Takes the secrets out of all that is answered. */
  redact(text: string): string
  readonly log: Log
  /** For the page: what the agent has warned of, and what it shows to the token alone. */
  readonly troubles: Pick<Troubles, 'list' | 'size'>
  readonly openTap: OpenTap
  readonly readLetters: ReadLetters
  readonly hostName?: string
  readonly limits?: Partial<AdminLimits>
}

export interface Admin {
  /** Where it listens, with the real port. */
  readonly url: string
  /** A reload has brought another token, or none. */
  setToken(token: string | undefined): void
  close(): Promise<void>
}

/** Opens the admin port. Rejects with an AgentError that names port and key where it cannot be opened. */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const address = parseListen(options.listen)
  if (!address) {
    throw AgentError.of('admin_listen_failed', { listen: options.listen, reason: 'expected "ADDRESS:PORT"' })
  }
  const { view, metrics, clock, log, limits } = options
  const losses = new LossWindow(view, clock)
  const history = new History({ view, requestTimes: metrics.requestTimes, clock })
  const { pageTaps: most, pageTapEventsPerSecond: eventsPerSecond } = bounds
  const taps = new TapRoute({ open: options.openTap, most, eventsPerSecond })
  const letters = new LettersRoute(options.readLetters, clock)
  const page: PageParts = { history, troubles: options.troubles, taps, letters }
  const stop = (): void => {
    losses.stop()
    history.stop()
  }
  let { token } = options
  const redact = (text: string): string => options.redact(text)
  const server = createAnswerServer({
    answer: (request) => {
      const hostName = options.hostName ?? hostname()
      return answer(request, { view, metrics, clock, losses, token, hostName, redact, page })
    },
    redact,
    log,
    limits,
  })
  try {
    await listen(server, address, options.listen)
  } catch (error) {
    stop()
    throw error
  }
  server.on('error', (error) => log.warn({ error }, 'the admin server has trouble'))
  return {
    url: urlOf(boundAddress(server)),
    setToken(next) {
      // A tail that the old one has opened would show events for as long as its reader stays.
      if (next !== token) taps.endAll()
      token = next
    },
    async close() {
      stop()
      await closeServer(server)
    },
  }
}

function listen(server: Server, { host, port }: ListenAddress, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const inUse = systemErrorCode(error) === 'EADDRINUSE'
      reject(
        inUse
          ? AgentError.of('admin_port_in_use', { port, listen: text }, { cause: error })
          : AgentError.of('admin_listen_failed', { listen: text, reason: error.message }, { cause: error }),
      )
    })
    server.listen({ host, port }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

function boundAddress(server: Server): ListenAddress {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('the admin server listens on no port')
  return { host: bound.address, port: bound.port }
}
