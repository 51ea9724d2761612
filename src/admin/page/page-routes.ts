import { limits } from '../../core/limits.ts'
import type { History } from '../../telemetry/history.ts'
import type { Troubles } from '../../telemetry/troubles.ts'
import type { AgentView } from '../../telemetry/view.ts'
import type { Access } from '../access.ts'
import { json, problem } from '../answer.ts'
import type { Answer } from '../answer.ts'
import type { HealthReport } from '../health.ts'
import { statusOf } from '../status.ts'
import type { TapRoute } from '../tap-route.ts'
import { asset } from './assets.ts'
import type { LettersRoute } from './letters.ts'

export interface PageParts {
  readonly history: Pick<History, 'since'>
  readonly troubles: Pick<Troubles, 'list' | 'size'>
  readonly taps: Pick<TapRoute, 'tap'>
  readonly letters: Pick<LettersRoute, 'answer'>
}

interface PageQuestion {
  readonly query: URLSearchParams
  readonly access: Access
  /** The config has one. */
  readonly hasToken: boolean
  readonly health: HealthReport
  readonly view: AgentView
  readonly parts: PageParts
  readonly redact: (text: string) => string
}

type Show = (question: PageQuestion) => Answer | Promise<Answer>

/** Only its own files and its own server; no text ever becomes markup or code (`require-trusted-types-for`). */
const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
} as const

/** What the page is made of and asks for. Event contents are for those who showed the token alone. */
const routes: Readonly<Record<string, Show>> = {
  '/': () => ({ status: 200, headers: pageHeaders, body: asset('page/browser/page.html')!.bytes }),
  '/page-state': (question) => json(200, stateOf(question)),
  '/tap': withToken(({ parts, query }) => parts.taps.tap(query)),
  '/dead-letters': withToken(({ parts }) => parts.letters.answer()),
}

const assetFolder = '/page-assets/'

/** Undefined where the page has nothing. */
export function pageRoute(path: string): Show | undefined {
  if (Object.hasOwn(routes, path)) return routes[path]
  const found = path.startsWith(assetFolder) ? asset(path.slice(assetFolder.length)) : undefined
  if (!found) return undefined
  return () => ({ status: 200, headers: { 'content-type': found.contentType }, body: found.bytes })
}

/** All that the page shows of a moment, in one answer; `from` and `run` say which history it has already. */
function stateOf({ query, access, hasToken, health, view, parts, redact }: PageQuestion): object {
  const showsPaths = access !== 'totals'
  const mostFiles = query.get('files') === '0' ? 0 : limits.pageFiles
  return {
    access: { paths: showsPaths, contents: access === 'contents', has_token: hasToken },
    health,
    status: statusOf(view, { showsPaths, mostFiles }),
    history: parts.history.since(Number(query.get('from') ?? Number.NaN), query.get('run') ?? ''),
    // They name files and hold texts of servers.
    troubles: showsPaths ? parts.troubles.list(redact) : [],
    troubles_total: parts.troubles.size,
  }
}

function withToken(show: Show): Show {
  return (question) => {
    if (question.access === 'contents') return show(question)
    const how = question.hasToken
      ? 'send admin.token of the config as a bearer token'
      : 'set admin.token in the config and send it as a bearer token'
    return problem(401, `event contents are shown to the token alone: ${how}`, {
      'www-authenticate': 'Bearer',
    })
  }
}
