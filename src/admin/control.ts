import { chmod, unlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { systemErrorCode } from '../core/file-system.ts'
import { limits } from '../core/limits.ts'
import type { Log } from '../core/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { AgentView } from '../telemetry/view.ts'
import { closeServer, createAnswerServer } from './answer-server.ts'
import { answerJob } from './job-route.ts'
import type { OpenJobs } from './job-route.ts'
import { LossWindow } from './loss-window.ts'
import { answerTrusted } from './routes.ts'
import { TapRoute } from './tap-route.ts'
import type { OpenTap } from './tap-route.ts'

export interface ControlOptions {
  /** Its lock is ours: a socket that lies there is left over from an agent that was killed. */
  readonly dataDir: string
  readonly view: AgentView
  readonly metrics: Pick<Metrics, 'scrape'>
  readonly clock: Clock
  readonly redact: (text: string) => string
  readonly log: Log
  readonly openTap: OpenTap
  readonly jobs: OpenJobs
}

export const controlSocket = (dataDir: string): string => join(dataDir, 'control.sock')

/**
 * Opens `data_dir/control.sock` (0600), over which commands reach the running agent: HTTP with the admin port's paths, but
 * for its user alone. An agent that cannot open it ships all the same, and says so.
 */
export async function startControl(options: ControlOptions): Promise<{ close(): Promise<void> }> {
  const { dataDir, view, metrics, clock, redact, log } = options
  const path = controlSocket(dataDir)
  const losses = new LossWindow(view, clock)
  const context = { view, metrics, clock, losses, token: undefined, hostName: hostname(), redact }
  const taps = new TapRoute({ open: options.openTap, most: limits.taps })
  const server = createAnswerServer({
    answer: (request) =>
      answerJob(request, options.jobs) ?? taps.answer(request.url ?? '') ?? answerTrusted(request, context),
    redact,
    log,
  })
  try {
    await unlink(path).catch((error: unknown) => {
      if (systemErrorCode(error) !== 'ENOENT') throw error
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
    await chmod(path, 0o600)
  } catch (error) {
    // A path of more than 107 bytes, say (unix(7)).
    log.warn(
      { error, path },
      'the control socket cannot be opened: `logferry status` and the like cannot reach this agent',
    )
  }
  server.on('error', (error) => log.warn({ error }, 'the control socket has trouble'))
  return {
    async close() {
      losses.stop()
      // Node removes the socket with it.
      await closeServer(server)
    },
  }
}
