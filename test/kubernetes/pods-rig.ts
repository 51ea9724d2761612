import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Clock } from '../../src/core/clock.ts'
import type { ContainerFacts } from '../../src/core/containers.ts'
import type { Log } from '../../src/core/log.ts'
import { Pods } from '../../src/kubernetes/pods.ts'
import type { KubernetesSettings } from '../../src/kubernetes/settings.ts'
import { nodeFileSystem } from '../../src/platform/node-file-system.ts'
import { until } from '../support/fake-clock.ts'
import { FakeKubeApi } from '../support/fake-kube-api.ts'

interface RigOptions {
  readonly settings?: Partial<KubernetesSettings>
  readonly clock: Clock
  readonly api?: FakeKubeApi
  readonly environment?: Readonly<Record<string, string>>
  /** `enrich.kubernetes.url` is set. */
  readonly hasUrl?: boolean
}

export const logOf = (uid: string, container = 'app', name = 'cart-1'): string =>
  `/var/log/pods/shop_${name}_${uid}/${container}/0.log`

/** A fake API server and what watches it, as a pod on node-1 would. */
export class PodsRig {
  readonly folder = mkdtempSync(join(tmpdir(), 'logferry-kube-'))
  readonly api: FakeKubeApi
  readonly said: string[] = []
  readonly news: string[] = []
  readonly account: string
  readonly #options: RigOptions
  #pods: Pods | undefined

  private constructor(options: RigOptions) {
    this.#options = options
    this.api = options.api ?? new FakeKubeApi()
    this.account = this.api.serviceAccount(join(this.folder, 'account'))
  }

  static async open(context: TestContext, options: RigOptions): Promise<PodsRig> {
    const rig = new PodsRig(options)
    context.after(() => rig.close())
    await rig.api.start()
    return rig
  }

  get pods(): Pods {
    return (this.#pods ??= this.#create())
  }

  start(): void {
    this.pods.start()
  }

  /** The facts of a container whose pod is known, else what is said of it. */
  facts(path: string): ContainerFacts | string {
    const sight = this.pods.look(path)
    return sight?.kind === 'known' ? sight.facts : (sight?.kind ?? 'no container')
  }

  /** The fields from the API. */
  fields(path: string): Record<string, unknown> | string {
    const facts = this.facts(path)
    if (typeof facts === 'string') return facts
    return Object.fromEntries(facts.members.map(({ name, json }) => [name, JSON.parse(json)]))
  }

  async watching(): Promise<void> {
    await until(
      () => this.pods.status().state === 'watching' && this.api.watches === 1,
      'the pods are watched',
    )
  }

  async known(path: string): Promise<void> {
    await until(() => this.pods.look(path)?.kind === 'known', `${path} is known`)
  }

  async close(): Promise<void> {
    await this.#pods?.stop()
    await this.api.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #create(): Pods {
    const { clock, environment, hasUrl = false, settings } = this.#options
    const url = hasUrl ? this.api.url : undefined
    const say =
      (level: string) =>
      (fields: object, message: string): void =>
        void this.said.push(`${level}: ${message} ${JSON.stringify(fields)}`)
    const log: Log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
    const { hostname, port } = new URL(this.api.url)
    const pods = new Pods({
      settings: {
        labels: ['app'],
        annotations: [],
        wait: 5000,
        service_account: this.account,
        url,
        ...settings,
      },
      environment: environment ?? {
        KUBERNETES_SERVICE_HOST: hostname,
        KUBERNETES_SERVICE_PORT: port,
        NODE_NAME: 'node-1',
      },
      hostName: 'pod-of-the-agent',
      version: '1.2.3',
      parsers: ['auto', 'json', 'nginx'],
      fileSystem: nodeFileSystem,
      clock,
      random: () => 0,
      log,
    })
    pods.onNews((keys) => this.news.push(...keys))
    return pods
  }
}
