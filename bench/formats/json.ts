import type { Random } from '../inputs/random.ts'
import { entryTimes } from './entry-time.ts'
import type { LogFormat, Members } from './log-format.ts'

const levels = ['info', 'info', 'info', 'info', 'debug', 'debug', 'warn', 'error'] as const
const services = ['checkout', 'catalog', 'payment', 'search'] as const
const methods = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'] as const
const paths = [
  '/api/orders',
  '/api/orders/{id}/items',
  '/api/customers',
  '/login',
  '/health',
  '/api/search?q=blau%20grün',
] as const
const messages = [
  'request served',
  'cache miss',
  'query took long, see the plan',
  'order created "rush"',
  'retrying upstream',
  'Größe geändert',
] as const
const queues = ['mail', 'invoice', 'thumbnail'] as const
const frames = [
  'at OrderService.place (/srv/app/src/orders/place.ts:118:13)',
  'at async Router.dispatch (/srv/app/node_modules/router/index.js:284:9)',
  'at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
  'at C:\\build\\worker.cs:line 41',
] as const

/** Lines of a web shop: four shapes of 130 to 1,200 bytes, 350 on average, as the services of one platform write them. */
export const json: LogFormat = {
  name: 'json',

  writer(random) {
    const nextTime = entryTimes()
    return () => JSON.stringify(shapeFor(random.next())(random, nextTime().toISOString()))
  },

  source: { parse: 'json' },
  labels: { job: 'bench', service: '{service}', level: '{level}' },
  naiveParser: () => parseObject,

  // An empty cookie makes mmjsonparse take lines without one.
  rsyslog: { modules: ['mmjsonparse'], statements: 'action(type="mmjsonparse" cookie="")' },
}

type Shape = (random: Random, time: string) => object

function shapeFor(share: number): Shape {
  if (share < 0.6) return request
  if (share < 0.8) return job
  return share < 0.95 ? query : failure
}

function request(random: Random, time: string): object {
  return {
    time,
    level: random.pick(levels),
    service: random.pick(services),
    trace_id: random.hex(32),
    span_id: random.hex(16),
    method: random.pick(methods),
    path: random.pick(paths),
    client: `203.0.${random.below(256)}.${random.below(256)}`,
    status: random.chance(0.95) ? 200 : 503,
    duration_ms: random.below(100_000) / 100,
    user: { id: random.below(1_000_000), plan: 'gold', tags: ['a', 'b'] },
    msg: `${random.pick(messages)} ${random.pick(messages)} #${random.below(1_000_000)}`,
  }
}

function job(random: Random, time: string): object {
  return {
    level: random.pick(levels),
    time,
    service: 'worker',
    queue: random.pick(queues),
    job: {
      id: `${random.hex(8)}-${random.hex(4)}-${random.hex(4)}`,
      attempt: 1 + random.below(5),
      delayed: false,
    },
    ...(random.chance(0.5) && { trace_id: random.hex(32) }),
    msg: `${random.pick(messages)}; ${random.pick(messages)}`,
    took: random.next(),
    worker: `worker-${random.below(12)}`,
  }
}

function query(random: Random, time: string): object {
  return {
    time,
    level: 'debug',
    service: random.pick(services),
    msg: 'query',
    sql: `SELECT id, total, state FROM orders WHERE customer = $1 AND state IN ('open', 'held') LIMIT ${random.below(100)}`,
    params: [random.below(1_000_000), null, true, `"${random.hex(8)}"`],
    rows: random.below(50),
  }
}

function failure(random: Random, time: string): object {
  const depth = 2 + random.below(12)
  const stack = Array.from({ length: depth }, () => random.pick(frames)).join('\n    ')
  return {
    time,
    level: 'error',
    service: random.pick(services),
    trace_id: random.hex(32),
    msg: 'unhandled: upstream said 502 – giving up',
    error: { name: 'UpstreamError', code: 'E_UPSTREAM', stack: `UpstreamError: 502\n    ${stack}` },
  }
}

export function parseObject(line: string): Members {
  const parsed: unknown = JSON.parse(line)
  return isMembers(parsed) ? parsed : { message: line }
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
