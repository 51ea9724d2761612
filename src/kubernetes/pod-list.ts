import { limits } from '../core/limits.ts'
import { bodyOf } from './api-client.ts'
import type { ApiClient } from './api-client.ts'
import { troubleOf } from './api-trouble.ts'
import type { ApiTrouble } from './api-trouble.ts'
import { objectAt, objectOf, objectsAt, textAt } from './json-reading.ts'
import type { JsonObject } from './json-reading.ts'

export interface PodList {
  readonly kind: 'list'
  /** Each with its `metadata`, perhaps with more. */
  readonly pods: readonly JsonObject[]
  readonly resourceVersion: string
}

/**
 * Only the metadata of pods: a twentieth of the bytes, and no environment variable of anybody ever gets here. A server that
 * cannot do it sends whole pods.
 */
const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

export const podsOfNode = (node: string): Readonly<Record<string, string>> => ({
  fieldSelector: `spec.nodeName=${node}`,
})

/**
 * All pods of the node, in pages. `isFresh`: as the server's store has them; else as its memory does, which may be a moment
 * behind and costs the cluster's store nothing, so that a thousand agents may start at once.
 */
export async function listPods(
  client: ApiClient,
  { node, isFresh }: { readonly node: string; readonly isFresh: boolean },
  signal: AbortSignal,
): Promise<PodList | ApiTrouble> {
  const pods: JsonObject[] = []
  let token = ''
  for (;;) {
    const page = token === '' ? (isFresh ? {} : { resourceVersion: '0' }) : { continue: token }
    const parameters = { ...podsOfNode(node), limit: String(limits.podsInAnswer), ...page }
    const answer = await client.get({ path: '/api/v1/pods', parameters, accept, isWatch: false, signal })
    if ('kind' in answer) return answer
    const body = await bodyOf(answer, client)
    if (typeof body !== 'string') return body
    const list = objectOf(body)
    const metadata = list && objectAt(list, 'metadata')
    const resourceVersion = metadata ? textAt(metadata, 'resourceVersion') : ''
    if (!list || !metadata || resourceVersion === '')
      return troubleOf('what the API server sent is no list of pods')
    pods.push(...objectsAt(list, 'items'))
    token = textAt(metadata, 'continue')
    if (token === '') return { kind: 'list', pods, resourceVersion }
    // The same node cannot have so many: a server that never ends its list must not fill our memory.
    if (pods.length > limits.podsKept) return troubleOf(`the list of pods does not end behind ${pods.length}`)
  }
}
