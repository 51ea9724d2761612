import assert from 'node:assert/strict'
import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { getFromAdmin } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { metric } from './harness/letters.ts'
import { scenario } from './harness/scenario.ts'
import type { Ending } from './harness/scenario.ts'
import type { TortureRig } from './harness/torture-rig.ts'

// Lines that were made to hurt, between good ones: each is one event at both sinks, and nobody else waits for it.

const hostileEnding = (count: number): Ending => ({
  others: { count, isOne: (stored) => stored.includes('junk') },
})

async function allIsThere(rig: TortureRig, hostile: number): Promise<void> {
  const wanted = rig.written + hostile
  await until(
    () => rig.sinks.every((sink) => rig.storedCount(sink) === wanted),
    `${wanted} events are there`,
    60_000,
  )
}

/** For bodies of megabytes, and an agent that is at work on a line. */
const patient = { elasticsearch: { timeout: '10s' }, loki: { timeout: '10s' } }

const list = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(',')

scenario(
  'JSN-HUGE, JSN-SURR',
  'objects of 100,000 members, lists of 10,000, a text of 5 MB, lone surrogates: an event each, and the lines around them are whole',
  { ...patient, from: 'full', source: { max_line_bytes: '8MiB' } },
  async (rig) => {
    const app = rig.file('app.log')
    // A name each: a server that has met a number under one refuses a text there.
    const hostile = [
      `{"junk_keys":1,${list(100_000, (index) => `"key${index}":${index}`)}}`,
      `{"junk_list":[${list(10_000, (index) => String(index))}]}`,
      `{"junk_text":"${'x'.repeat(5_000_000)}"}`,
      '{"junk_half":"\\ud800 and \\udc00\\ud800"}',
    ]
    await rig.start()
    for (const line of hostile) {
      app.write(20)
      appendFileSync(app.path, `${line}\n`)
      app.write(20)
    }
    await allIsThere(rig, hostile.length)
    return hostileEnding(hostile.length)
  },
)

scenario(
  'RE-DOS',
  'a pattern that takes a year on some lines: each of them is kept and counted, and another file does not wait for them',
  {
    ...patient,
    from: 'full',
    include: ['*.log'],
    // The flag keeps V8's linear engine out.
    source: { parse: { type: 'regex', pattern: '(?i)^(?<x>(a+)+)$' } },
  },
  async (rig) => {
    const [app, other] = [rig.file('app.log', { kind: 'text' }), rig.file('other.log', { kind: 'text' })]
    const evil = `${'a'.repeat(50_000)} junk!\n`
    let block = ''
    for (let line = 0; line < 20; line++) block += app.lines(100) + evil
    writeFileSync(app.path, block)
    await rig.start()
    other.write(100)
    const ofOther = (): number => rig.stored().es.filter((text) => text.includes('uid=other.log-')).length
    await until(() => ofOther() === 100, 'the other file is read', 60_000)
    await allIsThere(rig, 20)
    const timeouts = rig.stored().es.filter((text) => text.includes('"parse_error":"regex_timeout"'))
    assert.equal(timeouts.length, 20)
    assert.equal((await getFromAdmin(rig.agent!, '/health/live')).status, 200)
    return hostileEnding(20)
  },
)

/** What no calendar has, or nobody meant: the time of reading stands for it. */
const noTimes = [
  '"yesterday"',
  '""',
  'null',
  '"2026-13-45T99:99:99Z"',
  '"2026-02-30T10:00:00Z"',
  '-1e300',
  '1e300',
  '99999999999999999999999',
]

scenario(
  'TS',
  'times that are none: the time of reading stands for them, and no sink hears of 1970',
  {},
  async (rig) => {
    const app = rig.file('app.log')
    const began = Date.now()
    await rig.start()
    for (const time of noTimes) {
      app.write(5)
      appendFileSync(app.path, `{"time":${time},"junk":1}\n`)
    }
    await allIsThere(rig, noTimes.length)
    const entries = rig.loki.entries().filter(({ line }) => line.includes('junk'))
    assert.equal(entries.length, noTimes.length)
    for (const { line, time } of entries)
      assert.ok(Math.abs(Number(BigInt(time) / 1_000_000n) - began) < 600_000, `${line} is of ${time}`)
    for (const text of rig.stored().es.filter((document) => document.includes('junk'))) {
      const time = /"@timestamp":"([^"]+)"/.exec(text)?.[1] ?? ''
      assert.ok(Math.abs(Date.parse(time) - began) < 600_000, text)
    }
    return hostileEnding(noTimes.length)
  },
)

/** Not as a container runtime writes them; the last two are (a second tag, a CR), and hold no JSON. */
const noCri = (time: string): string[] => [
  `${time} stdout junk without a tag`,
  'yesterday stdout F junk of no time',
  `${time} stdin F junk of another stream`,
  'junk',
  `${time} stdout F:x junk with two tags`,
  `${time} stdout F junk with a CR\r`,
]

scenario(
  'CRI-5',
  'lines that are no lines of a container runtime: kept as they are, counted, and the others are read as before',
  { source: { parse: ['cri', 'json'] }, from: 'full' },
  async (rig) => {
    const app = rig.file('app.log')
    const good = (): void => {
      for (const line of app.lines(10).trimEnd().split('\n'))
        appendFileSync(app.path, `${new Date().toISOString()} stdout F ${line}\n`)
    }
    await rig.start()
    const odd = noCri(new Date().toISOString())
    for (const line of odd) {
      good()
      appendFileSync(app.path, `${line}\n`)
    }
    renameSync(app.path, rig.path('app.log.1'))
    good()
    await allIsThere(rig, odd.length)
    assert.equal(await metric(rig, 'logferry_source_parse_errors_total{source="app"}'), 6)
    assert.ok(rig.stored().loki.includes('junk with two tags'))
    return hostileEnding(odd.length)
  },
)
