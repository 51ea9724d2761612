import { sleep } from '../core/clock.ts'
import type { Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import type { ApiClient } from './api-client.ts'
import { troubleOf } from './api-trouble.ts'
import type { ApiTrouble } from './api-trouble.ts'
import type { JsonObject } from './json-reading.ts'
import { listPods } from './pod-list.ts'
import { watchPods } from './pod-watch.ts'

/** Who is told what the API server says. */
export interface FeedListener {
  /** All pods of the node. */
  listed(pods: readonly JsonObject[]): void
  changed(pod: JsonObject, isDeleted: boolean): void
  /** The API server answers as it should. */
  well(): void
  /** It does not; it is asked again in so many ms. */
  troubled(trouble: ApiTrouble, waitMs: number): void
}

export interface FeedParts {
  readonly client: ApiClient
  readonly node: string
  readonly clock: Clock
  readonly random: () => number
  readonly listener: FeedListener
}

/** After a watch that ended sooner there is a pause: the next could end as soon, a thousand times a second. */
const shortWatchMs = 1000

/** Follows the pods of one node: a list, then watches from where the last one ended, and a list again where that is too old. */
export class PodFeed {
  readonly #parts: FeedParts
  readonly #stopping = new AbortController()
  /** Where the next watch goes on; undefined: a list comes first. */
  #version: string | undefined
  /** What the server has in memory was too old once: its store is asked. */
  #isFresh = false
  #failures = 0

  constructor(parts: FeedParts) {
    this.#parts = parts
  }

  /** Until `stop`; never rejects for what a server or a network does. */
  async run(): Promise<void> {
    const { clock, listener } = this.#parts
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const trouble = await this.#round()
      if (signal.aborted) return
      if (!trouble) continue
      this.#failures++
      const waitMs = this.#waitMs(trouble)
      // To be too old happens, and a list mends it.
      if (!trouble.isGone) listener.troubled(trouble, waitMs)
      await sleep(clock, waitMs, signal)
    }
  }

  stop(): void {
    this.#stopping.abort()
  }

  async #round(): Promise<ApiTrouble | undefined> {
    const { client, listener, node } = this.#parts
    if (this.#version === undefined) {
      const list = await listPods(client, { node, isFresh: this.#isFresh }, this.#stopping.signal)
      if (list.kind === 'trouble') return this.#noted(list)
      this.#version = list.resourceVersion
      listener.listed(list.pods)
    }
    return this.#noted(await this.#watch(this.#version))
  }

  async #watch(resourceVersion: string): Promise<ApiTrouble | undefined> {
    const { client, clock, listener, node, random } = this.#parts
    const beganMs = clock.monotonic()
    let isBusy = false
    const wish = {
      node,
      resourceVersion,
      seconds: Math.round(limits.watchSeconds * (1 + random())),
      onOpen: () => listener.well(),
      onEvent: (event: { resourceVersion: string; pod: JsonObject | undefined; isDeleted: boolean }) => {
        isBusy = true
        this.#failures = 0
        this.#version = event.resourceVersion
        if (event.pod) listener.changed(event.pod, event.isDeleted)
      },
    }
    const trouble = await watchPods(client, wish, this.#stopping.signal)
    if (trouble) return trouble
    const isShort = clock.monotonic() - beganMs < shortWatchMs
    if (isShort && !isBusy) return troubleOf('the API server ends each watch at once')
    if (isShort) await sleep(clock, random() * shortWatchMs, this.#stopping.signal)
    else this.#failures = 0
    return undefined
  }

  #noted(trouble: ApiTrouble | undefined): ApiTrouble | undefined {
    if (!trouble?.isGone) return trouble
    this.#version = undefined
    this.#isFresh = true
    return trouble
  }

  /** Full jitter: a fleet that lost its API server at one moment must not come back at one moment. */
  #waitMs({ retryAfterMs = 0 }: ApiTrouble): number {
    const ceiling = Math.min(
      limits.apiRetryMaxMs,
      limits.apiRetryMinMs * 2 ** Math.min(this.#failures - 1, 20),
    )
    return retryAfterMs + this.#parts.random() * ceiling
  }
}
