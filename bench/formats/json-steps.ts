import { json, parseObject } from './json.ts'
import type { LogFormat } from './log-format.ts'

/** One entry in so many is followed by the line of a health check. */
const checkOneIn = 2

/** The lines of `json` with those of health checks in between, which steps drop; two others edit each event. */
export const jsonSteps: LogFormat = {
  name: 'json-steps',

  writer(random) {
    const nextEntry = json.writer(random)
    return () => {
      const entry = nextEntry()
      if (random.below(checkOneIn) !== 0) return entry
      const time = /"time":"([^"]+)"/.exec(entry)?.[1]
      const check = {
        time,
        level: 'info',
        method: 'GET',
        path: '/healthz',
        status: 200,
        took_ms: random.next(),
      }
      return `${JSON.stringify(check)}\n${entry}`
    }
  },

  source: {
    parse: 'json',
    steps: [
      { drop: { if: 'path.startsWith("/healthz") && status < 400' } },
      { add: { team: 'shop' } },
      { rename: { msg: 'message' } },
    ],
  },
  labels: json.labels,

  naiveParser: () => (line) => {
    const { msg, ...members } = parseObject(line)
    if (String(members['path']).startsWith('/healthz') && Number(members['status']) < 400) return undefined
    return { ...members, team: 'shop', message: msg }
  },

  rsyslog: {
    modules: ['mmjsonparse'],
    statements: [
      'action(type="mmjsonparse" cookie="")',
      'if $!path startswith "/healthz" and $!status < 400 then stop',
      'set $!team = "shop";',
      'set $!message = $!msg;',
      'unset $!msg;',
    ].join('\n'),
  },
}
