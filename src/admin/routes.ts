import type { IncomingMessage } from 'node:http'
import type { Clock } from '../core/clock.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { AgentView } from '../telemetry/view.ts'
import { accessOf, isAllowedHost } from './access.ts'
import type { Access } from './access.ts'
import { json, problem } from './answer.ts'
import type { Answer } from './answer.ts'
import { healthOf } from './health.ts'
import type { HealthReport } from './health.ts'
import type { LossWindow } from './loss-window.ts'
import { pageRoute } from './page/page-routes.ts'
import type { PageParts } from './page/page-routes.ts'
import { statusOf } from './status.ts'

export interface RouteContext {
  readonly view: AgentView
  readonly metrics: Pick<Metrics, 'scrape'>
  readonly clock: Clock
  readonly losses: LossWindow
  readonly token: string | undefined
  readonly hostName: string
  /** The status page; the control socket has none. */
  readonly page?: PageParts
  redact(text: string): string
}

interface Question {
  readonly request: IncomingMessage
  /** Asked by the token or from this host: paths and servers' texts may be shown. */
  readonly isTrusted: boolean
  readonly context: RouteContext
}

/** THE list of what is served. All of it only reads. */
const routes: Readonly<Record<string, (question: Question) => Answer | Promise<Answer>>> = {
  '/health': ({ context, isTrusted }) => {
    const report = health(context, isTrusted)
    return json(report.status === 'unhealthy' ? 503 : 200, report)
  },
  '/health/live': () => json(200, { status: 'live' }),
  '/health/ready': ({ context }) =>
    context.view.isReady ? json(200, { status: 'ready' }) : json(503, { status: 'not ready' }),
  '/metrics': async ({ context, request }) => {
    const { contentType, body } = await context.metrics.scrape(request.headers.accept)
    return { status: 200, headers: { 'content-type': contentType, vary: 'Accept' }, body }
  },
  '/status': ({ context, isTrusted }) => json(200, statusOf(context.view, { showsPaths: isTrusted })),
}

/** Checks who asks what, in the order in which a hostile request is cheapest to turn away. */
export async function answer(request: IncomingMessage, context: RouteContext): Promise<Answer> {
  if (!isAllowedHost(request.headers.host, context.hostName)) {
    return problem(421, "the Host header must be an IP address, localhost or this host's own name")
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return problem(405, 'this server only reads: use GET or HEAD', { allow: 'GET, HEAD' })
  }
  if (hasBody(request)) return problem(413, 'send no body: this server only reads')
  const access = accessOf(request, context.token)
  if (access === 'denied') {
    return problem(401, 'the bearer token is not admin.token of the config', { 'www-authenticate': 'Bearer' })
  }
  return route(request, context, access)
}

/** For who came over the control socket, which the file system lets only the agent's own user open: all may be shown. */
export function answerTrusted(request: IncomingMessage, context: RouteContext): Answer | Promise<Answer> {
  return route(request, context, 'contents')
}

function route(request: IncomingMessage, context: RouteContext, access: Access): Answer | Promise<Answer> {
  const path = /^\/[^?#]*/.exec(request.url ?? '')?.[0] ?? ''
  const isTrusted = access !== 'totals'
  // hasOwn: `/constructor` and the like are not ours.
  const show = Object.hasOwn(routes, path) ? routes[path] : undefined
  if (show) return show({ request, isTrusted, context })
  const { page, view } = context
  const ofPage = page && pageRoute(path)
  if (ofPage) {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams
    const asked = { query, access, hasToken: context.token !== undefined, health: health(context, isTrusted) }
    return ofPage({ ...asked, view, parts: page, redact: (text) => context.redact(text) })
  }
  const paths = [...(page ? ['/'] : []), ...Object.keys(routes)]
  return problem(404, `nothing is served here; there are ${paths.join(' ')}`)
}

function health({ view, clock, losses }: RouteContext, showsTexts: boolean): HealthReport {
  return healthOf(view, { clock, recentLosses: losses.recent(), showsTexts })
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
