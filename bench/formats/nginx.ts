import { accessLogTime, entryTimes, parseAccessLogTime } from './entry-time.ts'
import type { LogFormat } from './log-format.ts'

const requests = [
  'GET / HTTP/1.1',
  'GET /assets/app.9f8c2d.js HTTP/2.0',
  'GET /api/orders?page=3&sort=-created HTTP/1.1',
  'POST /api/login HTTP/1.1',
  'GET /suche?q=gr%C3%BCn HTTP/2.0',
  'HEAD /health HTTP/1.0',
] as const
const statuses = ['200', '200', '200', '200', '304', '301', '404', '499', '502'] as const
const referrers = ['-', 'https://shop.example/', 'https://www.search.example/?q=shoes%20red'] as const
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
  'curl/8.5.0',
  'kube-probe/1.33',
  '-',
] as const

/** The combined format, 75 to 270 bytes. */
export const nginx: LogFormat = {
  name: 'nginx',

  writer(random) {
    const nextTime = entryTimes()
    return () => {
      const address = random.chance(0.95)
        ? `203.0.${random.below(256)}.${random.below(256)}`
        : `2001:db8::${random.hex(4)}`
      const user = random.chance(0.9) ? '-' : 'alice'
      const asked = `"${random.pick(requests)}" ${random.pick(statuses)} ${random.below(200_000)}`
      return `${address} - ${user} [${accessLogTime(nextTime())}] ${asked} "${random.pick(referrers)}" "${random.pick(agents)}"`
    }
  },

  source: { parse: 'nginx' },
  labels: { job: 'bench', method: '{http.request.method}', status: '{http.response.status_code}' },

  naiveParser: () => (line) => {
    const groups = combined.exec(line)?.groups
    if (!groups) return { message: line }
    const { status, bytes, time = '', ...texts } = groups
    return {
      ...texts,
      time: new Date(parseAccessLogTime(time)).toISOString(),
      'http.response.status_code': Number(status),
      'http.response.body.bytes': Number(bytes),
      'http.request.method': texts['method'],
    }
  },

  // The time stays as it is written: rsyslog leaves reading it to a mapping of the index.
  rsyslog: {
    modules: ['mmnormalize'],
    statements: 'action(type="mmnormalize" rulebase="RULEBASE")',
    rulebase: [
      'version=2',
      'rule=:%address:word% %ident:word% %user:word% [%time:char-to:]%] "%method:word% %url:word% HTTP/%version:char-to:"%" ' +
        '%status:number% %bytes:number% "%referrer:char-sep:"%" "%user_agent:char-sep:"%"',
      '',
    ].join('\n'),
  },
}

const combined =
  /^(?<address>\S+) - (?<user>\S+) \[(?<time>[^\]]+)\] "(?<method>\S+) (?<url>\S+) HTTP\/(?<version>[^"]+)" (?<status>\d+) (?<bytes>\d+) "(?<referrer>[^"]*)" "(?<user_agent>[^"]*)"$/
