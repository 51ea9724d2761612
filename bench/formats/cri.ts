import type { Random } from '../inputs/random.ts'
import { json, parseObject } from './json.ts'
import type { LogFormat, Members } from './log-format.ts'

/** Where containerd and CRI-O split a line. */
const splitBytes = 16 * 1024

/** One entry in so many is long enough to be split: a dump, a big stack trace. */
const longOneIn = 2_000

/** The lines of `json` as a container runtime writes them, a few of them in parts. */
export const cri: LogFormat = {
  name: 'cri',

  writer(random) {
    const nextEntry = json.writer(random)
    return () => {
      const entry = nextEntry()
      const time = `${/"time":"([^"]+)Z"/.exec(entry)?.[1]}${String(random.below(1_000_000)).padStart(6, '0')}Z`
      const stream = random.chance(0.9) ? 'stdout' : 'stderr'
      return wrap(random.below(longOneIn) === 0 ? lengthen(entry, random) : entry, `${time} ${stream}`)
    }
  },

  source: { parse: ['cri', 'json'] },
  labels: { ...json.labels, stream: '{stream}' },

  naiveParser() {
    let held = ''
    return (line) => {
      const [, time = '', stream, flag, content = ''] = /^(\S+) (\S+) ([PF]) (.*)$/.exec(line) ?? []
      held += content
      if (flag === 'P') return undefined
      const members: Members = { ...parseObject(held), stream, time }
      held = ''
      return members
    }
  },

  rsyslog: {
    modules: ['mmnormalize'],
    statements: 'action(type="mmnormalize" rulebase="RULEBASE")',
    rulebase: 'version=2\nrule=:%cri_time:word% %stream:word% %flag:word% %.:json%\n',
    splitsEntries: true,
  },
}

function lengthen(entry: string, random: Random): string {
  const dump = Array.from({ length: 300 + random.below(900) }, () => random.hex(24)).join(' ')
  return `${entry.slice(0, -1)},"dump":"${dump}"}`
}

/** In parts of so many bytes; what is long is ASCII at the places where it is split. */
function wrap(text: string, head: string): string {
  if (text.length <= splitBytes) return `${head} F ${text}`
  return `${head} P ${text.slice(0, splitBytes)}\n${wrap(text.slice(splitBytes), head)}`
}
