import { Buffer } from 'node:buffer'
import { Kernel } from '../src/kernel/kernel.ts'
import { answerMatch } from '../src/kernel/span-layout.ts'
import { compileGuarded } from '../src/parsers/regex-guard.ts'
import { compileSpanProgram } from '../src/parsers/span-program/compile-span-program.ts'
import { median } from './report/markdown-table.ts'

/**
 * `node out/bench/span-programs.js [ROUNDS]`: a pattern as a program of the kernel against the same as a guarded RegExp, over
 * the same lines, in rounds that take turns. The RegExp is handed strings that are made already, so only matching is compared.
 * The program is called for each line from JavaScript, which the fast lane does for a block. Prints ns a line and ratios.
 */
const rounds = Number(process.argv[2] ?? 15)
const linesOfRound = 20_000

const accessLine = (index: number): string =>
  `10.0.${index % 256}.7 - - [26/Nov/2026:10:00:${10 + (index % 50)} +0000] "GET /api/orders/${index} HTTP/1.1" 200 ${index} "https://example.com/start" "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101"`

const logbackLine = (index: number): string =>
  `2026-11-26 10:00:0${index % 10},123 [http-nio-8080-exec-${index % 50}] WARN  com.example.shop.OrderService - order ${index} took 1200 ms - retrying with another upstream`

const { raw } = String
const cases = {
  'access log, 6 groups': {
    pattern: raw`^(?<ip>\S+) \S+ \S+ \[(?<time>[^\]]+)\] "(?<method>\S+) (?<path>\S+) [^"]*" (?<status>\d+) (?<bytes>\d+)`,
    line: accessLine,
  },
  "Fluent Bit's nginx, 9 groups": {
    pattern: raw`^(?<remote>[^ ]*) (?<host>[^ ]*) (?<user>[^ ]*) \[(?<time>[^\]]*)\] "(?<method>\S+)(?: +(?<path>[^\"]*?)(?: +\S*)?)?" (?<code>[^ ]*) (?<size>[^ ]*)(?: "(?<referer>[^\"]*)" "(?<agent>[^\"]*)")?$`,
    line: accessLine,
  },
  'combined format to the letter, 10 groups': {
    pattern: raw`^(?<address>[\w.:-]+) - (?<user>[^\s[]+) \[(?<time>\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "(?<method>[A-Za-z_-]{1,32}) (?<url>[^ "\\]+) HTTP\/(?<version>[\d.]+)" (?<status>\d{3}) (?<bytes>\d{1,18}|-)(?: "(?<referrer>[^"\\]*)" "(?<agent>[^"\\]*)")?$`,
    line: accessLine,
  },
  'logback, 5 groups': {
    pattern: raw`^(?<time>\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}[.,]\d{3}) \[(?<thread>[^\]]+)\] (?<level>TRACE|DEBUG|INFO|WARN|ERROR) +(?<logger>[\w.$]+) - (?<message>.*)$`,
    line: logbackLine,
  },
} as const

/** Of one line. */
function nanosecondsOf(run: () => number): number {
  const start = process.cpuUsage()
  const matches = run()
  const { user, system } = process.cpuUsage(start)
  if (matches !== linesOfRound) throw new Error('lines that do not match')
  return ((user + system) * 1000) / linesOfRound
}

const kernel = new Kernel()

for (const [name, { pattern, line }] of Object.entries(cases)) {
  const program = compileSpanProgram(pattern)
  if ('refusal' in program) throw new Error(program.refusal)
  const regex = compileGuarded(pattern)
  const texts = Array.from({ length: linesOfRound }, (_, index) => line(index))
  const block = Buffer.from(texts.join(''))
  const ends: number[] = []
  for (const text of texts) ends.push((ends.at(-1) ?? 0) + text.length)
  const programAt = kernel.reserve(program.bytes.length)
  const slotsAt = kernel.reserve(program.slots * 4)
  const blockAt = kernel.reserve(block.length)
  kernel.bytes.set(program.bytes, programAt)
  kernel.bytes.set(block, blockAt)

  const runs: Readonly<Record<string, () => number>> = {
    program: () => {
      let matches = 0
      let at = blockAt
      for (const end of ends) {
        if (kernel.functions.runSpanProgram(programAt, at, blockAt + end, slotsAt) === answerMatch) matches++
        at = blockAt + end
      }
      return matches
    },
    regex: () => texts.reduce((matches, text) => (regex.exec(text) ? matches + 1 : matches), 0),
  }
  const nanoseconds: Record<string, number[]> = { program: [], regex: [] }
  for (let round = 0; round < rounds; round++) {
    for (const [kind, run] of Object.entries(runs)) {
      nanoseconds[kind]!.push(nanosecondsOf(run))
    }
  }
  const [ours, theirs] = [median(nanoseconds['program']!), median(nanoseconds['regex']!)]
  const bytes = block.length / linesOfRound
  process.stdout.write(
    `${name}: program ${ours.toFixed(0)} ns a line of ${bytes.toFixed(0)} bytes (${(ours / bytes).toFixed(2)} CPU s/GB), RegExp ${theirs.toFixed(0)} ns, ratio ${(ours / theirs).toFixed(2)}\n`,
  )
}
