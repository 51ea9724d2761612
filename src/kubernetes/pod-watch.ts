import type { ApiClient } from './api-client.ts'
import { goneTrouble, troubleOf } from './api-trouble.ts'
import type { ApiTrouble } from './api-trouble.ts'
import { objectAt, objectOf, textAt } from './json-reading.ts'
import type { JsonObject } from './json-reading.ts'
import { linesOf } from './lines-of.ts'
import { podsOfNode } from './pod-list.ts'

export interface WatchWish {
  readonly node: string
  /** Go on behind this. */
  readonly resourceVersion: string
  readonly seconds: number
  /** The server has taken the watch: what follows are events. */
  onOpen(): void
  /** `pod` undefined: nothing but a newer version (a bookmark). */
  onEvent(event: WatchEvent): void
}

export interface WatchEvent {
  readonly resourceVersion: string
  readonly pod: JsonObject | undefined
  readonly isDeleted: boolean
}

const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'

/** Resolves to undefined where the stream ended or broke off, as it does every few minutes: watch on. */
export async function watchPods(
  client: ApiClient,
  wish: WatchWish,
  signal: AbortSignal,
): Promise<ApiTrouble | undefined> {
  const parameters = {
    ...podsOfNode(wish.node),
    watch: '1',
    resourceVersion: wish.resourceVersion,
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(wish.seconds),
  }
  const answer = await client.get({ path: '/api/v1/pods', parameters, accept, isWatch: true, signal })
  if ('kind' in answer) return answer
  wish.onOpen()
  try {
    for await (const line of linesOf(answer)) {
      const trouble = take(line, wish)
      if (trouble) return trouble
    }
  } catch (error) {
    // A connection that breaks off is nothing special here; whatever is wrong with the server, the next request will tell.
    if (!(error instanceof Error) || !('code' in error)) return client.troubleOf(error)
  } finally {
    answer.destroy()
  }
  return undefined
}

function take(line: string, wish: WatchWish): ApiTrouble | undefined {
  const event = objectOf(line)
  if (!event) return troubleOf('what the API server sent is no event of a watch')
  const object = objectAt(event, 'object')
  const type = textAt(event, 'type')
  if (type === 'ERROR') return errorTrouble(object)
  const resourceVersion = textAt(objectAt(object, 'metadata'), 'resourceVersion')
  if (resourceVersion === '')
    return troubleOf(`an event of the API server has no version (${type.slice(0, 20)})`)
  const isPod = type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED'
  // Types that are not invented yet say at least how far we are.
  wish.onEvent({ resourceVersion, pod: isPod ? object : undefined, isDeleted: type === 'DELETED' })
  return undefined
}

function errorTrouble(status: JsonObject): ApiTrouble {
  const reason = textAt(status, 'reason')
  if (status['code'] === 410 || reason === 'Expired' || reason === 'Gone') return goneTrouble
  const said = textAt(status, 'message').slice(0, 200)
  return troubleOf(`the API server ended the watch: ${said === '' ? reason || 'no reason given' : said}`)
}
