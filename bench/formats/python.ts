import { entryTimes } from './entry-time.ts'
import type { LogFormat } from './log-format.ts'

const loggers = [
  'app',
  'app.orders',
  'app.orders.billing',
  'sqlalchemy.engine',
  'urllib3.connectionpool',
] as const
const levels = ['INFO', 'INFO', 'INFO', 'DEBUG', 'WARNING', 'ERROR'] as const
const messages = [
  'Starting new HTTPS connection (1): api.example:443',
  'order %s placed by customer "Müller"',
  'https://api.example:443 "GET /v1/orders HTTP/1.1" 200 None',
  'COMMIT',
  "could not reach upstream: ConnectionError('timed out'), trying again in 0.5 s",
] as const

/** `asctime - name - levelname - message`, 50 to 150 bytes. */
export const python: LogFormat = {
  name: 'python',

  writer(random) {
    const nextTime = entryTimes()
    return () => {
      const time = nextTime().toISOString().replace('T', ' ').replace('.', ',').slice(0, -1)
      const message = random.pick(messages).replace('%s', random.hex(12))
      return `${time} - ${random.pick(loggers)} - ${random.pick(levels)} - ${message}`
    }
  },

  source: { parse: 'python', timestamp: { timezone: 'UTC' } },
  labels: { job: 'bench', level: '{level}' },

  naiveParser: () => (line) => {
    const groups = asctime.exec(line)?.groups
    if (!groups) return { message: line }
    return { ...groups, time: `${groups['time']?.replace(' ', 'T').replace(',', '.')}Z` }
  },

  rsyslog: {
    modules: ['mmnormalize'],
    statements: 'action(type="mmnormalize" rulebase="RULEBASE")\nset $!time = $!date & "T" & $!clock & "Z";',
    rulebase: 'version=2\nrule=:%date:word% %clock:word% - %logger:word% - %level:word% - %message:rest%\n',
  },
}

const asctime = /^(?<time>\S+ \S+) - (?<logger>\S+) - (?<level>[A-Z]+) - (?<message>.*)$/
