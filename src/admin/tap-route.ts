import { problem } from './answer.ts'
import type { Answer, StreamOutput } from './answer.ts'

/** How a live tail of these events begins, or what is wrong with the question. */
export type OpenTap = (asked: {
  readonly source: string | undefined
  readonly where: string | undefined
  /** The most that it shows in a second; `limits.tapEventsPerSecond` unless told otherwise. */
  readonly eventsPerSecond?: number
}) => string | ((out: StreamOutput) => { close(): void })

export interface TapRouteOptions {
  readonly open: OpenTap
  /** At once. */
  readonly most: number
  readonly eventsPerSecond?: number
}

/** `/tap?source=app&where=…`: events as they pass, as lines of JSON. */
export class TapRoute {
  readonly #options: TapRouteOptions
  readonly #running = new Set<StreamOutput>()
  #count = 0

  constructor(options: TapRouteOptions) {
    this.#options = options
  }

  /** Undefined for another path. */
  answer(url: string): Answer | undefined {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    return pathname === '/tap' ? this.tap(searchParams) : undefined
  }

  tap(query: URLSearchParams): Answer {
    const { open, most, eventsPerSecond } = this.#options
    if (this.#count >= most) return problem(429, `${most} live tails are open already`)
    const begin = open({
      source: query.get('source') ?? undefined,
      where: query.get('where') ?? undefined,
      ...(eventsPerSecond !== undefined && { eventsPerSecond }),
    })
    if (typeof begin === 'string') return problem(400, begin)
    this.#count++
    const stream = (out: StreamOutput): (() => void) => {
      const tap = begin(out)
      this.#running.add(out)
      return () => {
        this.#running.delete(out)
        this.#count--
        tap.close()
      }
    }
    return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body: '', stream }
  }

  /** Who may still look has to ask anew. */
  endAll(): void {
    for (const out of this.#running) out.end()
  }
}
