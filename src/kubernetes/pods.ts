import type { Clock } from '../core/clock.ts'
import type { ContainerSight, Containers } from '../core/containers.ts'
import type { FileSystem } from '../core/file-system.ts'
import type { Log } from '../core/log.ts'
import { containerLogOf } from '../enrich/kubernetes.ts'
import type { PodsStatus } from '../telemetry/view.ts'
import { ApiClient } from './api-client.ts'
import type { ApiTrouble } from './api-trouble.ts'
import type { JsonObject } from './json-reading.ts'
import { PodCache } from './pod-cache.ts'
import { PodFeed } from './pod-feed.ts'
import type { FeedListener } from './pod-feed.ts'
import { PodWaits } from './pod-waits.ts'
import { podKey, podOf } from './pod.ts'
import type { Pod } from './pod.ts'
import { apiPlace } from './settings.ts'
import type { ApiPlace, Environment, KubernetesSettings } from './settings.ts'

export interface PodsOptions {
  readonly settings: KubernetesSettings
  readonly environment: Environment
  /** As `host.name` has it. */
  readonly hostName: string
  readonly version: string
  /** Parsers that an annotation may name. */
  readonly parsers: readonly string[]
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** What the Kubernetes API tells of the pods of this node. Start it once; everything else may be asked before. */
export class Pods implements Containers, FeedListener {
  readonly #options: PodsOptions
  readonly #place: ApiPlace | undefined
  readonly #cache: PodCache
  readonly #waits: PodWaits
  readonly #feed: PodFeed | undefined
  readonly #listeners = new Set<(pods: readonly string[]) => void>()
  #running: Promise<void> = Promise.resolve()
  #state: PodsStatus['state'] = 'starting'
  #failingSinceMs: number | undefined
  #lastError: string | undefined
  #errors = 0
  #unknownPods = 0

  constructor(options: PodsOptions) {
    const { clock, fileSystem, random, settings, version } = options
    this.#options = options
    this.#cache = new PodCache(clock)
    this.#waits = new PodWaits(clock, settings.wait, (pod) => this.#givenUp(pod))
    const place = apiPlace(settings, options.environment, options.hostName)
    if (typeof place === 'string') this.#cannotAsk(place)
    else {
      this.#place = place
      const client = new ApiClient(place, fileSystem, version)
      this.#feed = new PodFeed({ client, node: place.node, clock, random, listener: this })
    }
  }

  start(): void {
    if (this.#feed) this.#running = this.#feed.run()
  }

  async stop(): Promise<void> {
    this.#feed?.stop()
    await this.#running
  }

  look(path: string): ContainerSight | undefined {
    const log = containerLogOf(path)
    if (!log) return undefined
    const pod = log.uid ?? podKey(log.namespace, log.pod)
    const known = this.#cache.get(pod)
    if (known) return { kind: 'known', pod, facts: known.container(log.container) }
    // Where nobody can be asked there is nothing to wait for.
    const untilMs = this.#feed && this.#waits.untilMs(pod)
    return untilMs === undefined ? { kind: 'unknown', pod } : { kind: 'waiting', pod, untilMs }
  }

  onNews(listener: (pods: readonly string[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  status(): PodsStatus {
    return {
      node: this.#place?.node ?? '',
      state: this.#state,
      failingSinceMs: this.#failingSinceMs,
      lastError: this.#lastError,
      pods: this.#cache.size,
      errors: this.#errors,
      unknownPods: this.#unknownPods,
    }
  }

  listed(objects: readonly JsonObject[]): void {
    const pods = objects.flatMap((object) => this.#podOf(object) ?? [])
    this.#cache.keepOnly(new Set(pods.map(({ uid }) => uid)))
    for (const pod of pods) this.#take(pod)
    if (pods.length > 0 || this.#state !== 'starting') return
    const { node } = this.#place!
    this.#options.log.warn(
      { node },
      'the API server knows no pod on this node; is its name right? (enrich.kubernetes.node)',
    )
  }

  changed(object: JsonObject, isDeleted: boolean): void {
    const pod = this.#podOf(object)
    if (!pod) return
    this.#take(pod)
    if (isDeleted) this.#cache.leave(pod.uid)
  }

  well(): void {
    if (this.#state === 'watching') return
    const { node, url } = this.#place!
    this.#options.log.info({ node, pods: this.#cache.size, api: url.host }, 'watching the pods of this node')
    this.#state = 'watching'
    this.#failingSinceMs = undefined
    this.#lastError = undefined
  }

  troubled({ message }: ApiTrouble, waitMs: number): void {
    this.#errors++
    const isNew = message !== this.#lastError
    this.#fail(message)
    const fields = { trouble: message, again_ms: Math.round(waitMs) }
    if (isNew)
      this.#options.log.warn(
        fields,
        'the Kubernetes API cannot be asked; lines of new pods have no labels until it can',
      )
    else this.#options.log.debug(fields, 'the Kubernetes API still cannot be asked')
  }

  #cannotAsk(problem: string): void {
    this.#fail(problem)
    const fields = { trouble: problem }
    this.#options.log.error(fields, 'the Kubernetes API cannot be asked; there are no labels')
  }

  #fail(message: string): void {
    this.#state = 'failing'
    this.#failingSinceMs ??= this.#options.clock.monotonic()
    this.#lastError = message
  }

  #podOf(object: JsonObject): Pod | undefined {
    const { parsers, settings } = this.#options
    const { annotations, labels } = settings
    return podOf(object, { annotations, labels, node: this.#place!.node, parsers })
  }

  #take(pod: Pod): void {
    if (!this.#cache.set(pod)) return
    for (const warning of pod.warnings)
      this.#options.log.warn(
        { pod: pod.name, key: pod.name },
        `an annotation of a pod is ignored: ${warning}`,
      )
    for (const key of pod.keys) this.#waits.end(key)
    for (const listener of this.#listeners) listener(pod.keys)
  }

  #givenUp(pod: string): void {
    this.#unknownPods++
    const fields = { pod, api: this.#state, waited_ms: this.#options.settings.wait }
    this.#options.log.warn(fields, 'a pod is not known to the API; its lines go on without labels')
  }
}
