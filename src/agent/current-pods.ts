import { isDeepStrictEqual } from 'node:util'
import type { AgentConfig } from '../config/schema.ts'
import { hostName } from '../enrich/host.ts'
import type { HostInfo } from '../enrich/host.ts'
import type { Pods, PodsOptions } from '../kubernetes/pods.ts'
import { innerParserNames } from '../parsers/schema.ts'

type World = Pick<PodsOptions, 'clock' | 'environment' | 'fileSystem' | 'log' | 'random' | 'version'>

/** The pods that are watched for the config as it is now: a reload that does not touch `enrich.kubernetes` leaves them alone. */
export class CurrentPods {
  readonly #world: World
  readonly #host: HostInfo
  #wanted: Pick<PodsOptions, 'settings' | 'hostName'> | undefined
  #pods: Pods | undefined
  #stopped: Promise<unknown> = Promise.resolve()

  constructor(host: HostInfo, world: World) {
    this.#host = host
    this.#world = world
  }

  get pods(): Pods | undefined {
    return this.#pods
  }

  /** Loads what watches pods with the first config that wants it: fifteen files that most agents never need. */
  async turnTo({ enrich }: Pick<AgentConfig, 'enrich'>): Promise<void> {
    const { kubernetes: settings } = enrich
    const wanted = settings === false ? undefined : { settings, hostName: hostName(this.#host, enrich.host) }
    if (isDeepStrictEqual(wanted, this.#wanted)) return
    void this.stop()
    this.#wanted = wanted
    if (!wanted) return
    const watching = await import('../kubernetes/pods.ts')
    if (this.#wanted !== wanted) return
    this.#pods = new watching.Pods({ ...this.#world, ...wanted, parsers: innerParserNames })
    this.#pods.start()
  }

  /** Resolves once nothing is asked any more. */
  async stop(): Promise<void> {
    const pods = this.#pods
    this.#pods = undefined
    this.#wanted = undefined
    this.#stopped = Promise.all([this.#stopped, pods?.stop()])
    await this.#stopped
  }
}
