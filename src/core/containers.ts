import type { SharedMember } from './chunk.ts'

/** What is known of a container beyond the path of its log. Never changed: other facts are another object. */
export interface ContainerFacts {
  /** Members of every event, after those that the path tells. */
  readonly members: readonly SharedMember[]
  /** The parser for its lines, out of their wrapper, in place of the source's own; undefined for the source's. */
  readonly parse: string | undefined
  /** Its log is not to be read. */
  readonly isLeftOut: boolean
}

/** What can be said of the container that writes a file. `pod` is a key: changes are told by it. */
export type ContainerSight =
  | { readonly kind: 'known'; readonly pod: string; readonly facts: ContainerFacts }
  /** Nothing yet: somebody is being asked, until then (monotonic ms) at the latest. */
  | { readonly kind: 'waiting'; readonly pod: string; readonly untilMs: number }
  | { readonly kind: 'unknown'; readonly pod: string }

/** Who knows the containers whose logs are read. Nothing here waits for anybody. */
export interface Containers {
  /** Undefined for a path that is no container's log. */
  look(path: string): ContainerSight | undefined
  /** Told the keys of a pod of which there is something new, until it is cancelled. */
  onNews(listener: (pods: readonly string[]) => void): () => void
}
