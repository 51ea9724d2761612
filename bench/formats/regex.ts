import { entryTimes } from './entry-time.ts'
import type { LogFormat } from './log-format.ts'

const threads = ['main', 'http-nio-8080-exec-7', 'pool-2-thread-1', 'scheduler'] as const
const levels = ['INFO', 'INFO', 'INFO', 'DEBUG', 'WARN', 'ERROR'] as const
const loggers = ['com.shop.Orders', 'com.shop.billing.InvoiceJob', 'org.hibernate.SQL'] as const
const messages = [
  'order accepted',
  'Rechnung für "Müller & Söhne" geschrieben',
  'select o.id, o.total from orders o where o.customer = ? order by o.created desc',
  'slow call to inventory: 1,204 ms (limit 500 ms), answered from the cache instead',
] as const

/** What a user takes apart with a pattern of their own: six named groups, 100 to 190 bytes. */
export const regex: LogFormat = {
  name: 'regex',

  writer(random) {
    const nextTime = entryTimes()
    return () => {
      const level = random.pick(levels).padEnd(5)
      const head = `${nextTime().toISOString()} [${random.pick(threads)}] ${level} ${random.pick(loggers)}`
      return `${head} (req=${random.hex(16)}) - ${random.pick(messages)}`
    }
  },

  source: {
    parse: {
      type: 'regex',
      pattern:
        '^(?<time>\\S+) \\[(?<thread>[^\\]]+)\\] (?<level>[A-Z]+) +(?<logger>\\S+) \\(req=(?<request_id>[0-9a-f]+)\\) - (?<message>.*)$',
    },
  },
  labels: { job: 'bench', level: '{level}', logger: '{logger}' },

  naiveParser: () => (line) => ({ ...pattern.exec(line)?.groups }),

  // The pattern is matched once for each group: RainerScript knows no other way.
  rsyslog: {
    modules: [],
    statements: ['time', 'thread', 'level', 'logger', 'request_id', 'message']
      .map((name, index) => `set $!${name} = re_extract($msg, "${posixPattern()}", 0, ${index + 1}, "");`)
      .join('\n'),
  },
}

const pattern =
  /^(?<time>\S+) \[(?<thread>[^\]]+)\] (?<level>[A-Z]+) +(?<logger>\S+) \(req=(?<request_id>[0-9a-f]+)\) - (?<message>.*)$/

function posixPattern(): string {
  return '^([^ ]+) \\\\[([^]]+)\\\\] ([A-Z]+) +([^ ]+) \\\\(req=([0-9a-f]+)\\\\) - (.*)'
}
