import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { array, assert as check, boolean, constantFrom, integer, oneof, property, tuple } from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { createFastLane } from '../../../src/lanes/fast/fast.ts'
import type { ParserConfig } from '../../../src/parsers/schema.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { generation, laneOptions } from '../lane-under-test.ts'
import type { LaneTestOptions } from '../lane-under-test.ts'
import { accessLines, containerLines, dockerLines, patternLines, plainLines } from './hostile-lines.ts'
import { klogLines, levelMessageLines, logfmtLines, pythonLines, syslogLines } from './hostile-presets.ts'
import { compareLanes, path } from './compare-lanes.ts'
import type { ComparedOptions } from './compare-lanes.ts'
import { randomSteps } from './random-steps.ts'
import { jsonOfWords, stepLines, wordLines } from './step-lines.ts'

/** `npm run fuzz` goes on for so long; `npm test` has a fixed budget. */
const fuzzMinutes = Number(process.env['LOGFERRY_FUZZ_MINUTES'] ?? 0)
const properties = 12
let compared = 0
/** Events that the kernel made. */
let encoded = 0

/** Compares the lanes over random lines, and says with which seed and how many. */
function fuzz(context: TestContext, config: Arbitrary<ComparedOptions>, line: Arbitrary<Buffer>): void {
  fuzzAll(context, tuple(config, blocksOf(line)))
}

function fuzzAll(context: TestContext, files: Arbitrary<[ComparedOptions, readonly Buffer[]]>): void {
  const seed = Number(process.env['LOGFERRY_SEED'] ?? Date.now() % 2 ** 31)
  context.diagnostic(`seed ${seed}`)
  compared = 0
  encoded = 0
  const budget =
    fuzzMinutes > 0
      ? { numRuns: 1e9, interruptAfterTimeLimit: (fuzzMinutes * 60_000) / properties }
      : { numRuns: 300 }
  check(
    property(files, ([options, blocks]) => compare(options, blocks)),
    { ...budget, seed, includeErrorInReport: true },
  )
  context.diagnostic(`${compared} lines compared, ${encoded} of them made by the kernel`)
}

const configs: readonly LaneTestOptions[] = [
  { parse: 'auto' },
  { parse: 'json' },
  { parse: 'none', enrich: { trace: false } },
  { parse: 'auto', timestamp: { field: 'ts' }, maxLineBytes: 500 },
  { parse: 'json', timestamp: { field: 'meta.ts' }, fields: { 'log.level_original': 1, host_original: 'x' } },
  { parse: 'json', fields: { service: 'shop', a: 1 }, routes: 0x8000_0001, hostTimezone: 'Asia/Kolkata' },
]
/** Constants by names that steps look for in the event before. */
const ofStepNames: LaneTestOptions = { parse: 'auto', fields: { level: 'x', stream: 'y', parse_error: 'z' } }
const ofWords: LaneTestOptions = { parse: { type: 'regex', pattern: '^(?<user>\\S+)(?: (?<c>.*))?$' } }
const containerConfigs: readonly LaneTestOptions[] = [
  { parse: 'auto' },
  { parse: 'cri' },
  { parse: ['cri', 'json'], enrich: { kubernetes: true } },
]

/** Lines as a file of some blocks. */
const blocksOf = (line: Arbitrary<Buffer>): Arbitrary<readonly Buffer[]> =>
  array(array(line, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 4 }).map((blocks) =>
    blocks.map((lines) => Buffer.concat(lines.flatMap((bytes) => [bytes, Buffer.from('\n')]))),
  )

function compare(options: ComparedOptions, blocks: readonly Buffer[]): void {
  const { lines, byKernel } = compareLanes(options, blocks)
  compared += lines
  encoded += byKernel
}

test('both lanes make the same events of the same lines', (context) => {
  fuzz(context, constantFrom(...configs), plainLines)
})

/** Around the instant of reading, to the nanosecond, and lines without a time between them. */
const linesAroundReading = tuple(
  constantFrom('11:59:59.999', '12:00:00.000', '12:00:00.001'),
  constantFrom('', '000000', '000001', '000002', '999999'),
  constantFrom('{"time":"2026-01-20T', '2026-01-20 '),
).map(([clock, nanos, before]) =>
  Buffer.from(before.startsWith('{') ? `${before}${clock}${nanos}Z"}` : `${before}${clock}${nanos} ERROR x`),
)

test('both lanes give lines with and without a time, around the moment of reading, the same places at Loki', (context) => {
  const timeless = constantFrom('{"a":1}', 'Traceback', '').map((text) => Buffer.from(text))
  const line = oneof(
    { weight: 3, arbitrary: linesAroundReading },
    { weight: 2, arbitrary: timeless },
    { weight: 1, arbitrary: plainLines },
  )
  fuzz(
    context,
    constantFrom<LaneTestOptions>({ parse: 'auto' }, { parse: 'json' }, { parse: 'level_message' }),
    line,
  )
})

test('both lanes make the same events of lines out of containers', (context) => {
  fuzz(context, constantFrom(...containerConfigs), containerLines(plainLines))
})

test('both lanes make the same events of lines of Docker', (context) => {
  const config = constantFrom<LaneTestOptions>(
    { parse: 'docker' },
    { parse: ['docker', 'json'] },
    { parse: 'auto' },
    { parse: ['docker', 'logfmt'] },
    { parse: ['docker', 'nginx'], maxLineBytes: 400 },
  )
  const line = oneof(
    { weight: 6, arbitrary: dockerLines(plainLines) },
    { weight: 2, arbitrary: dockerLines(logfmtLines) },
    { weight: 1, arbitrary: dockerLines(accessLines) },
  )
  fuzz(context, config, line)
})

test('both lanes make the same events of access logs', (context) => {
  const config = constantFrom<LaneTestOptions>(
    { parse: 'nginx' },
    { parse: 'apache', fields: { 'url.original': 'x' } },
    { parse: 'nginx', timestamp: { field: 'ts', format: 'auto' } },
    { parse: 'auto' },
    { parse: ['cri', 'nginx'] },
  )
  const line = oneof(
    { weight: 9, arbitrary: accessLines },
    { weight: 4, arbitrary: containerLines(accessLines) },
    { weight: 1, arbitrary: plainLines },
  )
  fuzz(context, config, line)
})

const timezones = ['UTC', 'Europe/Berlin', 'America/New_York', '+14:00', '-12:00', 'Asia/Kolkata']
const presetLines = {
  klog: klogLines,
  python: pythonLines,
  level_message: levelMessageLines,
  syslog: syslogLines,
  logfmt: logfmtLines,
}

for (const [preset, lines] of Object.entries(presetLines)) {
  test(`both lanes make the same events of lines of the preset ${preset}`, (context) => {
    const config = tuple(constantFrom(...timezones), constantFrom('alone', 'auto', 'cri', 'field')).map(
      ([timezone, how]): LaneTestOptions => ({
        parse: how === 'cri' ? ['cri', preset] : how === 'auto' ? 'auto' : preset,
        timestamp: { timezone, format: 'auto', ...(how === 'field' && { field: 'ts' }) },
      }),
    )
    const line = oneof(
      { weight: 9, arbitrary: lines },
      { weight: 4, arbitrary: containerLines(lines) },
      { weight: 1, arbitrary: plainLines },
    )
    fuzz(context, config, line)
  })
}

const patterns: readonly ParserConfig[] = [
  {
    type: 'regex',
    pattern: '^(?<time>.+?) \\[(?<level>\\w*)\\] (?<count>\\S*) (?<trace_id>\\w*): (?<message>.*)$',
  },
  {
    type: 'regex',
    pattern:
      '^(?<ts>\\S*) \\[(?<severity>[A-Z]+)\\] (?<count>[^ ]*) (?<span_id>[0-9a-f]*):(?: (?<rest>.*))?$',
    types: { count: 'int' },
  },
  { type: 'regex', pattern: '(?<weight>\\d+(?:\\.\\d+)?)', types: { weight: 'float' } },
  { type: 'regex', pattern: '(?<host>\\w+)' },
]

test('both lanes make the same events of lines that a regex takes apart', (context) => {
  const config = tuple(constantFrom(...patterns), boolean()).map(([parse, isWrapped]): LaneTestOptions => {
    return { parse: isWrapped ? ['cri', parse] : parse }
  })
  fuzz(context, config, oneof(patternLines, containerLines(patternLines)))
})

test('both lanes make the same events behind steps, and filter the same ones out', (context) => {
  const kinds = oneof(
    { weight: 6, arbitrary: tuple(constantFrom(...configs, ofStepNames), constantFrom(stepLines)) },
    {
      weight: 4,
      arbitrary: tuple(constantFrom(...configs, ofStepNames, ofWords), constantFrom(wordLines, jsonOfWords)),
    },
    { weight: 2, arbitrary: tuple(constantFrom(...configs, ofStepNames), constantFrom(plainLines)) },
    {
      weight: 2,
      arbitrary: tuple(constantFrom(...containerConfigs), constantFrom(containerLines(stepLines))),
    },
    {
      weight: 3,
      arbitrary: tuple(constantFrom(...containerConfigs), constantFrom(containerLines(plainLines))),
    },
    {
      weight: 2,
      arbitrary: tuple(constantFrom<LaneTestOptions>({ parse: 'nginx' }), constantFrom(accessLines)),
    },
    {
      weight: 5,
      arbitrary: constantFrom(...Object.entries(presetLines)).map(
        ([parse, lines]): [LaneTestOptions, Arbitrary<Buffer>] => [{ parse }, lines],
      ),
    },
    {
      weight: 2,
      arbitrary: tuple(
        constantFrom<LaneTestOptions>({ parse: 'docker' }, { parse: ['docker', 'json'] }),
        constantFrom(dockerLines(stepLines)),
      ),
    },
    {
      weight: 2,
      arbitrary: tuple(
        constantFrom(...patterns.map((parse): LaneTestOptions => ({ parse }))),
        constantFrom(patternLines),
      ),
    },
  )
  fuzzAll(
    context,
    tuple(kinds, randomSteps).chain(([[config, line], stepConfigs]) =>
      tuple(constantFrom({ ...config, stepConfigs }), blocksOf(line)),
    ),
  )
})

test('a line with more keys than are remembered, and one that captures itself nine times, end in both lanes alike', () => {
  const keys = Array.from({ length: 5_000 }, (_, index) => `"key${index}":1`).join(',')
  compare({ parse: 'json' }, [Buffer.from(`{${keys}}\n{"a":1}\n`)])
  const nested = `^${'abcdefghi'.split('').reduceRight((inner, name) => `(?<${name}>${inner})`, '.*')}$`
  const long = `${'\u0001'.repeat(180_000)}\n`
  for (const line of [long, `${'\u0001'.repeat(300)}\n`.repeat(800), `${'x'.repeat(250_000)}\n`])
    compare({ parse: { type: 'regex', pattern: nested } }, [Buffer.from(line), Buffer.from('a\n')])
})

test('a backslash before a quote, blanks behind a user, and levels and ids that are numbers mean the same in both lanes', () => {
  const access = (user: string, request: string): Buffer =>
    Buffer.from(`1.2.3.4 - ${user} [20/Jan/2026:10:00:00 +0000] "${request}" 200 5\n`)
  compare({ parse: 'nginx' }, [access('-', 'GET /a HTTP/1.1\\'), access('bob\u00a0', 'GET /a HTTP/1.1')])
  compare({ parse: 'nginx' }, [access('\t', 'GET /a HTTP/1.1'), access('bo\r', 'GET /a HTTP/1.1')])
  const regex = (group: string, types: Record<string, 'int' | 'float'>, line: string): void =>
    compare({ parse: { type: 'regex', pattern: `^(?<${group}>\\S+) (?<m>.*)$`, types } }, [
      Buffer.from(`${line}\n`),
    ])
  regex('severity_number', {}, '3 hello')
  regex('severity_number', { severity_number: 'int' }, '9 hello')
  regex('level', { level: 'float' }, '30.0 hello')
  regex('level', { level: 'int' }, '30 hello')
  regex('trace_id', { trace_id: 'int' }, '1234567890123456 hello')
})

test('times without a year or a zone are the same in both lanes around the turns of the year and of the clocks', () => {
  const days = ['0101', '0228', '0229', '0301', '0329', '1025', '1231', '0120']
  const klog = days.flatMap((day) =>
    ['00:00:00', '02:30:00', '23:59:59'].map((clock) => `I${day} ${clock}.123456 1 a.go:1] x\n`),
  )
  const json = ['Jan  1', 'Feb 29', 'Mar 29', 'Oct 25', 'Dec 31', 'Jan 20', 'Feb 30', 'jan 20'].map(
    (day) => `{"time":"${day} 02:30:00","msg":1}\n{"ts":"${day} 23:59:59.5"}\n`,
  )
  const iso = ['2026-03-29 02:30:00', '2026-10-25 02:30:00,5', '2025/12/31 23:59:59.123']
  const texts = iso.map((time) => `{"timestamp":"${time}"}\n`)
  const blocks = [klog.join(''), [...json, ...texts].join('')].map((text) => Buffer.from(text))
  const turns = ['2026-01-01T00:00:00', '2026-12-31T12:00:00', '2024-02-29T12:00:00', '2026-10-25T01:00:00']
  for (const turn of turns) {
    for (const timezone of timezones) {
      const clock = new FakeClock(Date.parse(`${turn}Z`))
      compare({ parse: 'klog', clock, timestamp: { timezone, format: 'auto' } }, blocks)
      compare({ parse: 'json', clock, timestamp: { timezone, format: 'auto' } }, blocks)
    }
  }
})

test('usual lines take the fast lane: nothing of them is a draft', () => {
  const line =
    '{"@timestamp":"2026-01-20T11:59:59.123Z","level":"info","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","msg":"hi"}\n'
  const file = createFastLane(laneOptions({ parse: 'json' })).open({ generation, path })
  const bytes = Buffer.from(line.repeat(100))
  const result = file.process({ bytes, from: 0, to: bytes.length }, false)
  assert.ok(result !== 'wait')
  assert.equal(result.events.length, 0)
  assert.deepEqual(
    result.encoded!.map(({ count }) => count),
    [100],
  )
})

/** How many of the lines the kernel made events of. */
function madeByKernel(options: LaneTestOptions, lines: readonly string[]): number {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  compare(options, [bytes])
  const file = createFastLane(laneOptions(options)).open({ generation, path })
  const result = file.process({ bytes, from: 0, to: bytes.length }, false)
  assert.ok(result !== 'wait')
  return (result.encoded ?? []).reduce((sum, { count }) => sum + count, 0)
}

test('a JSON log with its own host, log, http or context stays in the kernel, whatever is in them', () => {
  const lines = [
    '{"host":"web-7","msg":"a"}',
    '{"host":"web-1","host.name":"web-1","log.level":"info","log.logger":"shop"}',
    '{"hostname":"web-7","log":{"level":"warn","logger":"shop","file":{"path":"/x"}},"msg":"b"}',
    '{"host":{"name":"web-7","os":{"type":"linux"},"architecture":"x86"}}',
    '{"http":{"method":"GET","status":200},"context":{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}}',
    '{"req":{"headers":{"user-agent":"curl","host":"x"}},"mdc":{},"service":"shop","trace":{"id":""}}',
    '{"req":{"headers":{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}}',
    '{"trace.id":"4bf92f3577b34da6a3ce929d0e0e4736","span":{"id":"00f067aa0ba902b7"},"parse_error":1}',
  ]
  assert.equal(madeByKernel({ parse: 'json', fields: { service: 'shop' } }, lines), lines.length)
  const refused = [
    '{"host":1,"host":2}',
    '{"host":1,"host_original":2}',
    '{"req":{"headers":{"traceparent":"x"}}}',
  ]
  assert.equal(madeByKernel({ parse: 'json' }, refused), 0)
})

test('more names that meet ours than are remembered come out all the same', () => {
  const lines = Array.from(
    { length: 1_200 },
    (_, index) => `{"host.name.n${index}":1,"http":{"k${index}":"x"}}`,
  )
  assert.ok(madeByKernel({ parse: 'json' }, lines) > 400)
})

test('more lines than a chunk has room for, and ever new keys, come out all the same', () => {
  check(
    property(tuple(integer({ min: 9_000, max: 12_000 }), integer({ min: 1, max: 4 })), ([count, digits]) => {
      const text = Array.from({ length: count }, (_, index) => `{"k${index % 10 ** digits}":1}\n`)
      compare({ parse: 'json' }, [Buffer.from(text.join(''))])
    }),
    { numRuns: 4, includeErrorInReport: true },
  )
})

test('a key that begins or ends like the one that came here before is another key', () => {
  const keys = [
    'level',
    'levels',
    'leve',
    '',
    'trace_id',
    'trace_id_of_parent',
    'timestamp',
    'timestamps',
    'l',
  ]
  const lines = keys.flatMap((first) =>
    keys.map((second) => `{"a":1,"${first}":"error","${second}":"2026-01-20T22:30:00.004Z","b":2}\n`),
  )
  // Twice: what came behind what is known then.
  compare({ parse: 'json' }, [Buffer.from(lines.join('')), Buffer.from(lines.toReversed().join(''))])
})
