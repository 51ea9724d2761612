import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../support/fake-clock.ts'
import { nowMs } from '../lane-under-test.ts'
import type { LaneTestOptions } from '../lane-under-test.ts'
import { compareLanes, compareTurns, path } from './compare-lanes.ts'

/** Lengths, times and numbers at the bounds of the kernel's: random lines hardly ever hit them. */

const around = (bound: number, reach = 2): readonly number[] =>
  Array.from({ length: 2 * reach + 1 }, (_, index) => bound - reach + index)

const blockOf = (lines: readonly string[], end = '\n'): Buffer =>
  Buffer.from(lines.map((line) => line + end).join(''))

/** Also with a CR, and each line as a block by itself. */
function compareLines(options: LaneTestOptions, lines: readonly string[]): void {
  compareLanes(options, [blockOf(lines), blockOf(lines, '\r\n')])
  compareLanes(
    options,
    lines.map((line) => blockOf([line])),
  )
}

test('a name, tag, level or word that is as long as it may be, or a byte longer, is the same in both lanes', () => {
  const lengths = [...around(13), ...around(32), ...around(120), ...around(128), ...around(256, 4)]
  const words = lengths.flatMap((length) => ['x'.repeat(length), `${'x'.repeat(length - 2)}é`])
  compareLines(
    { parse: 'python' },
    words.flatMap((word) => [
      `ERROR:${word}:text`,
      `2026-01-20 10:00:00,123 - ${word} - ERROR - text`,
      `2026-01-20 10:00:00,123 - ${word} - text`,
      `2026-01-20 10:00:00,123 - a - ${word} - text`,
      `${word}:root:text`,
    ]),
  )
  compareLines(
    { parse: 'klog' },
    words.flatMap((word) => [
      `I0120 10:00:00.123456 1 ${word}:12] text`,
      `I0120 10:00:00.123456 1 a.go:12] ${word}`,
      `I0120 10:00:00.123456 ${'1'.repeat(word.length)} a.go:${'1'.repeat(word.length % 12)}] x`,
    ]),
  )
  compareLines(
    { parse: 'syslog' },
    words.flatMap((word) => [
      `<13>Jan 20 10:00:00 host ${word}[12]: text`,
      `<13>Jan 20 10:00:00 host ${word}: text`,
      `<13>Jan 20 10:00:00 host ${word}:`,
      `<13>Jan 20 10:00:00 host a[${word}]: text`,
      `Jan 20 10:00:00 ${word} a: text`,
      `<13>1 2026-01-20T10:00:00Z ${word} a ${'1'.repeat(word.length)} - - text`,
    ]),
  )
  compareLines(
    { parse: 'level_message' },
    words.flatMap((word) => [`${word} text`, `[${word}] text`]),
  )
})

test('an access log whose words are as long as they may be, or a byte longer, is the same in both lanes', () => {
  const line = (method: string, size: string, extras: string): string =>
    `10.0.0.1 - - [20/Jan/2026:10:00:00 +0000] "${method} / HTTP/1.1" 200 ${size} "-" "a"${extras}`
  compareLines({ parse: 'nginx' }, [
    ...around(32).map((length) => line('G'.repeat(length), '5', '')),
    ...around(18).map((length) => line('GET', '1'.repeat(length), '')),
    ...around(1024, 3).map((length) => line('GET', '5', ` "${'1.'.repeat(length).slice(0, length)}" 0.123`)),
    ...around(9).map((length) => line('GET', '5', ` ${'1'.repeat(length)}.123`)),
    ...around(18).map((length) => line('GET', '5', ` ${'1'.repeat(length)} 1.123 x`)),
  ])
})

test('keys and values that are as long as the kernel remembers, or a byte longer, are the same in both lanes', () => {
  const lengths = [0, 1, 7, 8, 9, 15, 16, 17, ...around(252), ...around(256, 4)]
  const keys = lengths.flatMap((length) => ['k'.repeat(length), 'é'.repeat(length / 2)])
  compareLines(
    { parse: 'json' },
    keys.flatMap((key) => [
      `{"${key}":1,"level":"info"}`,
      `{"host":{"${key}":1,"name":"x"}}`,
      `{"level":"${key}","severity":"warn"}`,
      `{"log.${key}":1,"host.name.${key}":2}`,
      `{"trace_id":"${key}"}`,
    ]),
  )
  compareLines(
    { parse: 'logfmt' },
    keys.flatMap((key) => [`${key}=1 level=info`, `level=${key} a=1`, `log.logger.${key}=1 msg="x"`]),
  )
})

test('a line as long as the bound, or a byte longer, is the same in both lanes, whatever it ends in', () => {
  const maxLineBytes = 120
  const texts = around(maxLineBytes, 3).flatMap((length) => [
    'x'.repeat(length),
    `${'x'.repeat(length - 3)}€`,
    `${'x'.repeat(length - 5)}😀x`,
    `{"a":"${'x'.repeat(length - 8)}"}`,
    `{"a":"${'x'.repeat(length - 11)}€"}`,
  ])
  compareLines({ parse: 'auto', maxLineBytes }, texts)
  const time = '2026-01-20T11:59:58.123456789Z'
  const parts = texts.map((text) => text.slice(time.length + 10))
  compareLines(
    { parse: 'cri', maxLineBytes },
    parts.map((text) => `${time} stdout F ${text}`),
  )
  compareLines(
    { parse: 'docker', maxLineBytes },
    parts.map((text) => JSON.stringify({ log: `${text.slice(30)}\n`, stream: 'stdout', time })),
  )
})

test('bytes that are no UTF-8, at each place of a vector, are found by both lanes', () => {
  const bad = [[0x80], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xff]]
  const good = ['é', '€', '😀', '\u{10ffff}'].map((text) => [...Buffer.from(text)])
  const lines: Buffer[] = []
  for (const bytes of [...bad, ...good]) {
    for (let place = 0; place < 34; place++) {
      const text = Buffer.concat([Buffer.from('x'.repeat(place)), Buffer.from(bytes)])
      lines.push(text, Buffer.concat([text, Buffer.from('y'.repeat(20))]))
      lines.push(Buffer.concat([Buffer.from('{"a":"'), text, Buffer.from('"}')]))
      lines.push(Buffer.concat([Buffer.from('{"'), text, Buffer.from('":1}')]))
      lines.push(Buffer.concat([Buffer.from('a=1 b='), text]))
    }
  }
  const block = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]))
  for (const parse of ['auto', 'json', 'none', 'logfmt'] as const) compareLanes({ parse }, [block, block])
})

const clocks = ['00:00:00', '00:00:59', '23:59:59', '23:59:60', '24:00:00', '11:60:00']
const days = [
  '0000-01-01',
  '0001-01-01',
  '1969-12-31',
  '1970-01-01',
  '1999-12-31',
  '2000-01-01',
  '2000-02-29',
]
const otherDays = [
  '2025-12-31',
  '2026-01-19',
  '2026-01-20',
  '2026-01-21',
  '2026-01-22',
  '2026-02-29',
  '2106-02-07',
]
const zones = ['Z', '+00:00', '-00:00', '+14:00', '-14:00', '+14:59', '+15:00', '+23:59', '+24:00', '']
const fractions = ['', '.000', '.999999999', '.1234567891', '.', ',5']

test('times at the turns of seconds, days, years and eras are the same in both lanes', () => {
  const dates = [...days, ...otherDays, '9999-12-31']
  const times = dates.flatMap((day) =>
    clocks.flatMap((clock) =>
      zones.flatMap((zone) => fractions.map((fraction) => `${day}T${clock}${fraction}${zone}`)),
    ),
  )
  const json = times.map((time) => `{"time":"${time}","msg":"x"}`)
  const own = times.map((time) => `{"@timestamp":"${time}"}`)
  for (const hostTimezone of ['UTC', 'Asia/Kolkata']) {
    compareLanes({ parse: 'json', hostTimezone }, [blockOf(json), blockOf(own)])
    compareLanes({ parse: 'json', hostTimezone }, [blockOf(json.toReversed()), blockOf(own.toReversed())])
  }
  const cri = times.map((time) => `${time} stdout F x`)
  compareLanes({ parse: 'cri' }, [blockOf(cri)])
  const python = times.map((time) => `${time.replace('T', ' ')} - a - INFO - x`)
  compareLanes({ parse: 'python', hostTimezone: 'America/New_York' }, [blockOf(python)])
})

test('epochs at the bounds of their units and of numbers are the same in both lanes', () => {
  const nowSeconds = BigInt(nowMs / 1000)
  const bounds = [0n, 1n, 946_684_800n, nowSeconds, nowSeconds + 86_400n, 2n ** 31n, 2n ** 32n, 10n ** 11n]
  const more = [10n ** 14n, 2n ** 53n, 10n ** 17n, 2n ** 63n, 10n ** 19n, 2n ** 64n, 10n ** 20n]
  const units = [1n, 1_000n, 1_000_000n, 1_000_000_000n]
  const whole = [...bounds, ...more].flatMap((bound) =>
    units.flatMap((unit) => [-1n, 0n, 1n].map((step) => String(bound * unit + step))),
  )
  const behind = [
    '',
    '.0',
    '.5',
    '.000001',
    '.0000001',
    '.9999999',
    '.999999',
    '.000000001',
    '.123456789',
    '.1234567891',
  ]
  const numbers = whole.flatMap((digits) => behind.map((fraction) => digits + fraction))
  const odd = ['1e9', '1.7689e9', '-0', '0', '1768910399.', '01768910399', '17689103990000000000000000000']
  const texts = [...numbers, ...odd].flatMap((number) => [`{"time":${number}}`, `{"time":"${number}"}`])
  compareLanes({ parse: 'json' }, [blockOf(texts)])
  compareLanes({ parse: 'logfmt' }, [blockOf([...numbers, ...odd].map((number) => `time=${number} a=1`))])
})

test('thousands of lines of one time, with and without their own, have the same copies of it in both lanes', () => {
  const now = new Date(nowMs).toISOString()
  const kinds = [
    `{"time":"${now}"}`,
    '{"a":1}',
    'text',
    '{"time":"2026-01-20T11:59:59.999999999Z"}',
    '{"host":1,"host":2}',
  ]
  const lines = Array.from({ length: 4_000 }, (_, index) => kinds[(index * 7 + (index >> 5)) % kinds.length]!)
  compareLanes({ parse: 'auto', clock: new FakeClock(nowMs) }, [blockOf(lines), blockOf(lines.toReversed())])
})

test('more keys, levels and words than are remembered are forgotten without a trace', () => {
  const count = 1_500
  const lines = Array.from({ length: count }, (_, index) => [
    `{"host":{"k${index}":1,"name":"n"},"level":"l${index}","severity":"l${index % 7}","k${index}":{"a":1}}`,
    `{"severity_number":${index},"log":{"k${index}":1,"level":"warn"},"k${index % 3}":1}`,
  ]).flat()
  compareLanes({ parse: 'json' }, [blockOf(lines), blockOf(lines.toReversed())])
  const pairs = Array.from({ length: count }, (_, index) => {
    const own = Array.from({ length: 12 }, (_unused, place) => `k${index * 12 + place}=${place}`)
    return [`${own.join(' ')} level=l${index}`, `a=1 k${index}=2 level=info a${index % 2}=1`]
  }).flat()
  compareLanes({ parse: 'logfmt' }, [blockOf(pairs), blockOf(pairs.toReversed())])
})

test('names that meet ours, ever new ones, keep no later line out of the kernel', () => {
  const names = Array.from(
    { length: 700 },
    (_, index) => `{"host.name.n${index}":1,"http":{"m${index}":2},"a":3}`,
  )
  const later = Array.from(
    { length: 50 },
    (_, index) => `{"host":"web-${index}","hostname":"x","b":${index}}`,
  )
  const blocks = [blockOf(names), blockOf(later), blockOf(names.toReversed())]
  const turns = blocks.map((bytes) => ({ path, bytes }))
  for (const parse of ['json', 'auto'] as const)
    assert.equal(compareTurns({ parse }, turns).byKernel, 2 * names.length + later.length)
  compareTurns({ parse: 'json', stepConfigs: [{ drop: { if: 'b == 7 || http.m9 == 2' } }] }, turns)
  const pairs = Array.from({ length: 700 }, (_, index) => `log.logger.n${index}=1 a=2 msg=x`)
  compareLanes({ parse: 'logfmt' }, [blockOf(pairs), blockOf(pairs.toReversed())])
})

const pod = (name: string): string => `/var/log/pods/${name}_${name}_0a1b/app/0.log`

test('files of one source take turns without a trace of one another, also in the middle of lines of containers', () => {
  const time = '2026-01-20T11:59:58.123456789Z'
  const turn = (name: string, lines: readonly string[]): { path: string; bytes: Buffer } => ({
    path: pod(name),
    bytes: blockOf(lines.map((line) => `${time} ${line}`)),
  })
  const own = (name: string): string =>
    `stdout F {"kubernetes.namespace":"${name}","kubernetes":{"pod":{"name":"${name}"}}}`
  const lines = [own('shop'), own('bank'), 'stderr F text', 'stdout F {"a":1}']
  const turns = [
    turn('shop', [...lines, 'stdout P the first ']),
    turn('bank', [...lines, 'stderr P {"a":']),
    turn('shop', ['stderr F between', ...lines, 'stdout P again ']),
    turn('bank', ['stdout F between', ...lines]),
    { path: '/var/log/plain.log', bytes: blockOf(['text', '{"host":{"name":"x"}}']) },
    turn('shop', [...lines]),
    turn('bank', [...lines]),
  ]
  const steps = [{ drop: { if: 'kubernetes.pod.name == "bank" && a == 1' } }, { add: { team: 'x' } }]
  for (const parse of ['auto', 'cri', ['cri', 'json']] as const) {
    const options = { parse: typeof parse === 'string' ? parse : [...parse], enrich: { kubernetes: true } }
    assert.ok(compareTurns(options, turns).byKernel > 10)
    compareTurns({ ...options, stepConfigs: steps }, turns)
  }
})

test('parts of lines and times go on behind a restart in both lanes, wherever it comes', () => {
  const time = '2026-01-20T11:59:58.123456789Z'
  const lines = [
    'stdout F {"a":1}',
    'stdout P {"level":',
    'stderr P text ',
    'stderr F of stderr',
    'stdout P "error"',
    'stderr F between',
    'stdout F ,"a":2}',
    'stdout F text',
    'stdout P the end',
  ].map((line) => `${time} ${line}`)
  for (let first = 0; first <= lines.length; first++) {
    for (let second = first; second <= lines.length; second++) {
      const parts = [lines.slice(0, first), lines.slice(first, second), lines.slice(second)]
      const turns = parts.filter((part) => part.length > 0)
      for (const parse of ['auto', 'cri'] as const) {
        const options = { parse, stepConfigs: [{ drop: { if: 'a == 2' } }] }
        compareTurns(
          options,
          turns.map((part) => ({ path, bytes: blockOf(part), isRestart: true })),
        )
      }
    }
  }
})

test('a block of exactly the bound, one with a byte more, and one of a single line are the same in both lanes', () => {
  const most = 1024 * 1024
  for (const bytes of [most - 1, most, most + 1]) {
    const line = '{"a":1,"level":"info"}'
    const lines = Array.from({ length: Math.floor(bytes / 400) }, () => line + ' '.repeat(399 - line.length))
    const rest = bytes - lines.length * 400
    const block = blockOf([...lines, ...(rest > 0 ? ['x'.repeat(rest - 1)] : [])])
    assert.equal(block.length, bytes)
    compareTurns({ parse: 'auto' }, [{ path, bytes: block }])
  }
  const long = `{"a":"${'é'.repeat(120_000)}"}`
  compareLanes({ parse: 'json' }, [blockOf([long, '{"a":1}', long])])
})

test('edits that make lines longer than there is room, in the middle of a block, are the same in both lanes', () => {
  const added = 'é"'.repeat(10_000)
  const kinds = [
    '{"a":1,"b":{"c":2}}',
    'text',
    '{"a":2}',
    '{"b":{"c":[1]},"d":1}',
    '{"host":1}',
    '{}',
    '{"a":1,"a":2}',
  ]
  const lines = Array.from({ length: 170 }, (_, index) => kinds[(index * 5 + (index >> 4)) % kinds.length]!)
  const long = `{"a":"${'x'.repeat(200_000)}","b":{"c":1}}`
  const lists = [
    [{ add: { new: added, 'b.c': added } }, { drop: { if: 'a == 2' } }],
    [{ drop: { if: 'a == 2' } }, { rename: { a: 'n'.repeat(300), 'b.c': 'x' } }, { add: { a: added } }],
    [
      { add: { a: added, x: added, y: added, z: added } },
      { remove: ['b.c', 'd'] },
      { drop: { if: 'd == 1' } },
    ],
  ]
  for (const stepConfigs of lists) compareLanes({ parse: 'auto', stepConfigs }, [blockOf([long, ...lines])])
  const pairs = lines.map((_, index) => `a=${index % 3} b.c="x\\ny" d=${'v'.repeat(index % 90)}`)
  for (const stepConfigs of lists) compareLanes({ parse: 'logfmt', stepConfigs }, [blockOf(pairs)])
})
