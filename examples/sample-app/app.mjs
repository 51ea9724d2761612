// A small shop that writes logs as real services do, for `npm start` to have something to ship:
//   node examples/sample-app/app.mjs FOLDER [--lines-per-second N] [--rotate-bytes N]
// It writes FOLDER/shop.log (JSON lines with trace ids), FOLDER/worker.log (plain text and stack traces), rotates each
// by rename at about 100 KB, keeps three old files of each, and fails a little. No dependencies; at most about 1 MB on disk.
// It ends on SIGTERM and SIGINT, when its stdin closes, and when its parent is gone, so that nothing is left behind.
import { randomBytes, randomInt } from 'node:crypto'
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'lines-per-second': { type: 'string', default: '20' },
    'rotate-bytes': { type: 'string', default: '100000' },
  },
})
const folder = positionals[0] ?? 'data/sample'
const tickMs = 250
const linesPerTick = (Number(values['lines-per-second']) * tickMs) / 1000
const rotateBytes = Number(values['rotate-bytes'])
const keptFiles = 3

/** One log file that is rotated by rename: shop.log becomes shop.log.1, that becomes shop.log.2, and so on. */
class RotatingFile {
  constructor(name) {
    this.path = join(folder, name)
    this.open()
  }

  open() {
    this.descriptor = openSync(this.path, 'a', 0o644)
    this.size = fstatSync(this.descriptor).size
  }

  write(line) {
    this.size += writeSync(this.descriptor, `${line}\n`)
    if (this.size < rotateBytes) return
    closeSync(this.descriptor)
    for (let number = keptFiles - 1; number >= 1; number -= 1)
      rename(`${this.path}.${number}`, `${this.path}.${number + 1}`)
    rename(this.path, `${this.path}.1`)
    this.open()
  }
}

function rename(from, to) {
  try {
    renameSync(from, to)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

const pick = (list) => list[randomInt(list.length)]
const chance = (percent) => randomInt(100) < percent
const routes = ['/', '/cart', '/checkout', '/search?q=tea', '/items/4711', '/login']
const failures = ['card was declined', 'upstream timed out after 2000 ms', 'stock service answered 503']

/** A request to the shop: one or more JSON lines with the same trace id. */
function shopLines() {
  const trace_id = randomBytes(16).toString('hex')
  const span_id = randomBytes(8).toString('hex')
  const url = pick(routes)
  const hasFailed = chance(4)
  const method = url === '/checkout' ? 'POST' : 'GET'
  const status = hasFailed ? 502 : 200
  const duration_ms = randomInt(1, hasFailed ? 2500 : 120)
  const request = {
    time: new Date().toISOString(),
    level: hasFailed ? 'error' : chance(5) ? 'warn' : 'info',
    service: 'shop',
    msg: `${method} ${url} ${status} in ${duration_ms} ms${hasFailed ? `: ${pick(failures)}` : ''}`,
    trace_id,
    span_id,
    http: { method, url, status },
    duration_ms,
    user: `user-${randomInt(1000)}`,
  }
  if (!chance(20)) return [JSON.stringify(request)]
  const rows = randomInt(50)
  const query = {
    time: request.time,
    level: 'debug',
    service: 'shop',
    msg: `select from items brought ${rows} rows`,
    trace_id,
    rows,
  }
  return [JSON.stringify(query), JSON.stringify(request)]
}

/** The worker beside it writes plain text as old programs do, and the stack of what it did not expect. */
function workerLines() {
  const time = new Date().toISOString()
  const job = `job-${randomInt(10_000)}`
  if (!chance(5)) return [`${time} INFO worker: ${job} done in ${randomInt(5, 900)} ms`]
  const trace = randomBytes(16).toString('hex')
  return [
    `${time} ERROR worker: ${job} failed trace_id=${trace}`,
    'Error: cannot read the invoice template',
    '    at render (/srv/worker/invoice.js:42:11)',
    '    at async run (/srv/worker/jobs.js:17:5)',
  ]
}

mkdirSync(folder, { recursive: true })
const shop = new RotatingFile('shop.log')
const worker = new RotatingFile('worker.log')
const parent = process.ppid
let due = 0

const timer = setInterval(() => {
  // A parent that was killed cannot tell us; somebody else's child we are then.
  if (process.ppid !== parent) return stop()
  due += linesPerTick
  while (due >= 1) {
    const [file, lines] = chance(75) ? [shop, shopLines()] : [worker, workerLines()]
    for (const line of lines) file.write(line)
    due -= lines.length
  }
}, tickMs)

function stop() {
  clearInterval(timer)
  process.stdin.destroy()
}

process.on('SIGTERM', stop)
process.on('SIGINT', stop)
// `npm start` holds the other end of our stdin. A terminal or /dev/null as stdin says nothing about a parent.
if (!process.stdin.isTTY && isPipe(0)) {
  process.stdin.on('end', stop).on('error', stop)
  process.stdin.resume()
}

function isPipe(descriptor) {
  const stats = fstatSync(descriptor)
  return stats.isFIFO() || stats.isSocket()
}
