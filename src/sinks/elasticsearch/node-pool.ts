import type { Clock } from '../../core/clock.ts'

/** How long a node is left alone after its first failure; it doubles with each further one, up to about a minute. */
const firstPauseMs = 1_000
const mostDoublings = 6

/** Answers of proxies and of nodes without a cluster: the node itself is of no use now. */
export const isNodeFailure = (status: number): boolean => status === 502 || status === 503 || status === 504

interface Health {
  isDead: boolean
  /** In a row; it decides how long the next rest is. */
  failures: number
  /** By the monotonic clock: when it may be asked whether it is back. */
  restsUntilMs: number
}

export interface NodePoolOptions<Node> {
  readonly nodes: readonly Node[]
  readonly clock: Clock
  /** Whether a node that failed is back. Rejects where it is not to be reached. */
  readonly ping: (node: Node) => Promise<boolean>
}

/**
 * The nodes of a cluster in turn, but for those that fail. Whether one is back is asked with a ping beside the requests, so
 * that a node that is down costs one request when it goes, and none while it stays down. Where all are down they go on
 * taking turns: one of them may be back before its ping.
 */
export class NodePool<Node> {
  readonly nodes: readonly Node[]
  readonly #options: NodePoolOptions<Node>
  readonly #healths: Map<Node, Health>
  #turn = 0
  #isPinging = false

  constructor(options: NodePoolOptions<Node>) {
    this.nodes = options.nodes
    this.#options = options
    this.#healths = new Map(
      options.nodes.map((node) => [node, { isDead: false, failures: 0, restsUntilMs: 0 }]),
    )
  }

  /** Whose turn it is. */
  next(): Node {
    this.#pingOne()
    const alive = this.nodes.filter((node) => !this.health(node).isDead)
    const takingTurns = alive.length > 0 ? alive : this.nodes
    this.#turn = (this.#turn + 1) % takingTurns.length
    return takingTurns[this.#turn]!
  }

  health(node: Node): Readonly<Health> {
    return this.#healths.get(node)!
  }

  markAlive(node: Node): void {
    this.#healths.set(node, { isDead: false, failures: 0, restsUntilMs: 0 })
  }

  /** Requests that were in flight together fail together: that is one failure. */
  markDead(node: Node): void {
    if (!this.health(node).isDead) this.#fail(node)
  }

  #fail(node: Node): void {
    const failures = this.health(node).failures + 1
    const pauseMs = firstPauseMs * 2 ** Math.min(failures - 1, mostDoublings)
    const restsUntilMs = this.#options.clock.monotonic() + pauseMs
    this.#healths.set(node, { isDead: true, failures, restsUntilMs })
  }

  /** The one that has rested longest, and one at a time. */
  #pingOne(): void {
    if (this.#isPinging) return
    const now = this.#options.clock.monotonic()
    const rested = this.nodes
      .filter((node) => this.health(node).isDead && this.health(node).restsUntilMs <= now)
      .toSorted((a, b) => this.health(a).restsUntilMs - this.health(b).restsUntilMs)
    const [node] = rested
    if (node !== undefined) void this.#ping(node)
  }

  async #ping(node: Node): Promise<void> {
    this.#isPinging = true
    const isBack = await this.#options.ping(node).catch(() => false)
    this.#isPinging = false
    // Its failures stay counted until a request succeeds: a proxy may well answer pings for a node that is down.
    if (isBack) this.#healths.set(node, { ...this.health(node), isDead: false })
    else this.#fail(node)
  }
}
