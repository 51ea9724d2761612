import type { AgentRig } from './agent-rig.ts'

/** Logs of a small shop: JSON of its service, access lines of its nginx, a Python worker. Made for pictures and tests of the page. */
const routes = ['/', '/cart', '/checkout', '/search?q=tea', '/items/4711', '/login']
const failures = ['card was declined', 'upstream timed out after 2000 ms', 'stock service answered 503']

export class ShopTraffic {
  readonly #rig: AgentRig
  #random = 1

  constructor(rig: AgentRig) {
    this.#rig = rig
  }

  /** About `lines` lines, two thirds of them of the shop itself. */
  write(lines: number, now = new Date()): void {
    const shop = Array.from({ length: Math.round(lines * 0.66) }, () => this.#shopLine(now))
    const access = Array.from({ length: Math.round(lines * 0.28) }, () => this.#accessLine(now))
    const worker = Array.from({ length: Math.round(lines * 0.06) }, () => this.#workerLine(now))
    for (const [name, block] of Object.entries({
      'shop.log': shop,
      'access.log': access,
      'worker.log': worker,
    }))
      if (block.length > 0) this.#rig.append(`${block.join('\n')}\n`, name)
  }

  /** A member that is a number everywhere else: its index refuses it. `isOther`: another member, an object. */
  writeMisfit(isOther = false, now = new Date()): void {
    const misfit = {
      time: now.toISOString(),
      level: 'info',
      message: 'GET /checkout',
      duration_ms: isOther ? 12 : 'n/a',
      status: isOther ? { code: 200 } : 200,
    }
    this.#rig.append(`${JSON.stringify(misfit)}\n`, 'shop.log')
  }

  #shopLine(now: Date): string {
    const route = this.#pick(routes)
    const isBad = this.#below(100) < 4
    return JSON.stringify({
      time: now.toISOString(),
      level: isBad ? 'error' : this.#below(100) < 8 ? 'warn' : 'info',
      message: isBad ? this.#pick(failures) : `GET ${route}`,
      route,
      status: isBad ? 502 : 200,
      duration_ms: 3 + this.#below(isBad ? 2000 : 90),
      trace_id: this.#hex(32),
    })
  }

  #accessLine(now: Date): string {
    const time = `${now.toUTCString().slice(5, 16).replaceAll(' ', '/')}:${now.toISOString().slice(11, 19)} +0000`
    const status = this.#below(50) === 0 ? 404 : 200
    return `10.1.4.${this.#below(250)} - - [${time}] "GET ${this.#pick(routes)} HTTP/1.1" ${status} ${this.#below(9000)} "-" "Mozilla/5.0"`
  }

  #workerLine(now: Date): string {
    const time = now.toISOString().slice(0, 23).replace('T', ' ').replace('.', ',')
    return `${time} - worker.stock - INFO - reserved ${1 + this.#below(5)} of item ${4000 + this.#below(900)}`
  }

  #pick(list: readonly string[]): string {
    return list[this.#below(list.length)]!
  }

  #hex(length: number): string {
    return Array.from({ length }, () => this.#below(16).toString(16)).join('')
  }

  /** The same each run. */
  #below(most: number): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647
    return this.#random % most
  }
}
