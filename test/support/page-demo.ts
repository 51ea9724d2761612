import { mkdirSync } from 'node:fs'
import { AgentRig } from './agent-rig.ts'
import { FakeLoki } from './fake-loki.ts'
import { ShopTraffic } from './shop-traffic.ts'
import type { SpawnedAgent } from './spawn-agent.ts'

export const demoToken = 'a-token-of-the-demo'

/** A running agent with three sources and three sinks, the shop's logs, and the page that shows it. */
export class PageDemo {
  readonly rig = new AgentRig()
  readonly loki = new FakeLoki()
  readonly traffic = new ShopTraffic(this.rig)
  #agent: SpawnedAgent | undefined

  /** `admin`: settings beside the address and the demo's token. */
  async start(admin: object = { token: demoToken }): Promise<string> {
    const { rig } = this
    mkdirSync(rig.logs)
    await rig.sinkUp()
    rig.elasticsearch.keepsRequests = false
    this.loki.keepsPushes = false
    const url = await this.loki.start()
    const patient = { retry: { min: '1s', max: '5s' }, batch: { max_wait: '500ms' } }
    rig.configure({
      data_dir: rig.dataDir,
      admin: { listen: '127.0.0.1:0', ...admin },
      shutdown_timeout: '2s',
      buffer: { max_bytes: '64MiB' },
      sources: {
        shop: rig.fileSource('shop.log', { start_at: 'beginning' }),
        web: rig.fileSource('access.log', { start_at: 'beginning', parse: 'nginx' }),
        worker: rig.fileSource('worker*.log', { start_at: 'beginning', parse: 'python' }),
      },
      sinks: {
        es: rig.elasticsearchSink({ index: 'shop-logs', ...patient }),
        loki: { type: 'loki', url, labels: { job: 'shop' }, timeout: '2s', ...patient },
      },
    })
    this.#agent = await rig.start()
    return this.url
  }

  get agent(): SpawnedAgent {
    if (!this.#agent) throw new Error('not started')
    return this.#agent
  }

  get url(): string {
    return /"admin":"([^"]+)"/.exec(this.agent.stderr)?.[1] ?? ''
  }

  async close(): Promise<void> {
    await this.rig.close()
    await this.loki.stop()
  }
}
