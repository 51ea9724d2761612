import { BaseConnection, ClusterConnectionPool } from '@elastic/transport'

type Connection = ClusterConnectionPool['connections'][number]
type ResurrectOptions = Parameters<ClusterConnectionPool['resurrect']>[0]

/** How long a node is left alone after its first failure; it doubles with each further one, up to about a minute. */
const firstPauseMs = 1_000
const mostDoublings = 6

/** Answers of proxies and of nodes without a cluster: the node itself is of no use now. */
export const isNodeFailure = (status: number): boolean => status === 502 || status === 503 || status === 504

/**
 * The nodes of a cluster in turn, but for those that fail. Whether one is back is asked with a `HEAD /` beside the
 * requests, so that a node that is down costs one request when it goes, and none while it stays down.
 *
 * The client's own pool lets a node rest for one to 32 minutes, counts every request in flight as a failure of its own,
 * and pings once for each request while a ping is on its way.
 */
export class NodePool extends ClusterConnectionPool {
  #isPinging = false

  constructor(...options: ConstructorParameters<typeof ClusterConnectionPool>) {
    super(...options)
    this.resurrectTimeout = firstPauseMs
    this.resurrectTimeoutCutoff = mostDoublings
  }

  /** Requests that were in flight together fail together: that is one failure. */
  override markDead(connection: Connection): this {
    if (connection.status !== BaseConnection.statuses.DEAD) super.markDead(connection)
    return this
  }

  override resurrect(options: ResurrectOptions): void {
    const connection = this.connections.find(({ id }) => id === this.dead[0])
    if (!connection || this.#isPinging || options.now < connection.resurrectTimeout) return
    this.#isPinging = true
    void this.#ping(connection, options).finally(() => {
      this.#isPinging = false
    })
  }

  async #ping(connection: Connection, { name, requestId, context }: ResurrectOptions): Promise<void> {
    const isBack = await connection
      .request({ method: 'HEAD', path: '/' }, { timeout: this.pingTimeout, name, requestId, context })
      .then(({ statusCode }) => !isNodeFailure(statusCode))
      .catch(() => false)
    if (isBack) this.#tryAgain(connection)
    else super.markDead(connection)
  }

  /** Its failures stay counted until a request succeeds: a proxy may well answer `HEAD /` for a node that is down. */
  #tryAgain(connection: Connection): void {
    this.dead = this.dead.filter((id) => id !== connection.id)
    connection.status = BaseConnection.statuses.ALIVE
  }
}
