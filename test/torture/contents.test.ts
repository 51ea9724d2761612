import assert from 'node:assert/strict'
import { appendFileSync, closeSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../support/fake-clock.ts'
import type { CountedFile } from './harness/counted-file.ts'
import { scaled } from './harness/scale.ts'
import { scenario } from './harness/scenario.ts'
import type { Ending } from './harness/scenario.ts'
import { seen } from './harness/sight.ts'
import type { TortureRig } from './harness/torture-rig.ts'

// What single lines become is shown by test/parsers, test/lanes and test/e2e/lines.test.ts. Here is what needs the whole
// agent: good lines between bad ones, at both sinks, with exact counts, through kills and rotations.

/** Junk is marked, so that it can be told from the lines of the writers. */
const junkEnding = (count: number): Ending => ({
  others: { count, isOne: (stored) => stored.includes('junk') },
})

scenario(
  'TXT-CRLF, TXT-EMPTY, TXT-NASTY, JSN-BAD, JSN-SCALAR',
  'between good lines: CRLF, blank lines, NULs, control characters, invalid UTF-8, bulk actions, what is no JSON',
  { include: ['*.log'] },
  async (rig) => {
    const app = rig.file('app.log')
    const junk = [
      Buffer.from('junk with \u001b[31mcolour\u001b[0m and \0 and \r in it\r\n'),
      Buffer.concat([
        Buffer.from('{"junk":"'),
        Buffer.from([0xff, 0xfe, 0xed, 0xa0, 0x80, 0xc0, 0xaf]),
        Buffer.from('"}\n'),
      ]),
      Buffer.from('{"delete":{"_index":"torture","_id":"junk"}}\n'),
      Buffer.from('{"junk":1,\n'),
      Buffer.from('{"junk":NaN}\n'),
      Buffer.from("{'junk':1}\n"),
      Buffer.from('{"junk":1}{"junk":2}\n'),
      Buffer.from('["junk"]\n'),
      Buffer.from('"junk"\n'),
      Buffer.from('{"junk":"\\ud800"}\n'),
    ]
    await rig.start()
    for (let i = 0; i < 100; i++) {
      app.write(7)
      appendFileSync(app.path, Buffer.concat([Buffer.from('\r\n\n  \t\n'), junk[i % junk.length]!]))
      appendFileSync(app.path, app.lines(7).replaceAll('\n', '\r\n'))
    }
    await until(
      () => rig.storedCount('es') === 1500 && rig.storedCount('loki') === 1500,
      'all is there',
      60_000,
    )
    return junkEnding(100)
  },
)

const numbers = '9007199254740993,12345678901234567890,0.12345678901234567,-0,1E+2,1e300'

scenario(
  'JSN-BIGNUM, JSN-PROTO, JSN-DUP, JSN-DEEP',
  'numbers, names of JavaScript, equal keys and depth leave as they came, at both sinks',
  {},
  async (rig) => {
    const app = rig.file('app.log')
    const lines = [
      `{"junk":[${numbers}]}`,
      '{"junk":1,"constructor":"c","prototype":"p","toString":"t","7":1,"6":2}',
      `{"junk":${'['.repeat(18)}${']'.repeat(18)}}`,
      '{"junk":1,"equal":1,"equal":2}',
    ]
    await rig.start()
    app.write(10)
    appendFileSync(app.path, `${lines.join('\n')}\n`)
    app.write(10)
    await until(() => rig.storedCount('es') === 24 && rig.storedCount('loki') === 24, 'all is there')
    const { es, loki } = rig.stored()
    for (const line of lines) {
      assert.ok(loki.includes(line), line)
      assert.ok(
        es.some((document) => document.includes(line.slice(1))),
        line,
      )
    }
    return junkEnding(lines.length)
  },
)

scenario(
  'TXT-SPLIT, TXT-NOEOL, TXT-LAT1',
  'lines in two writes, a last line whose newline comes later or never: one event each, and one alone does not wait for a second',
  { include: ['*.log'] },
  async (rig) => {
    const app = rig.file('app.log')
    await rig.start()
    app.write(1)
    await rig.arrived()
    for (let i = 0; i < 10; i++) {
      const line = app.lines(1)
      appendFileSync(app.path, line.slice(0, 40))
      await sleep(30)
      appendFileSync(app.path, line.slice(40))
    }
    const rest = rig.file('rest.log')
    writeFileSync(rest.path, rest.lines(2).slice(0, -1))
    // After five quiet seconds, flagged; the newline then makes no event.
    await rig.arrived()
    assert.equal(rig.stored().es.filter((document) => document.includes('"log.flags":["partial"]')).length, 1)
    appendFileSync(rest.path, '\n')
    rest.write(1)
    await rig.arrived()
  },
)

for (const encoding of ['utf-16le', 'utf-16be', 'gbk'] as const) {
  scenario(
    encoding === 'gbk' ? 'TXT-GBK' : `TXT-UTF16-${encoding.slice(-2).toUpperCase()}`,
    `a file in ${encoding}, over a kill: every line, each character`,
    { source: encoding === 'gbk' ? { encoding } : {}, from: 'full' },
    async (rig) => {
      const app = rig.file('app.log')
      const encode = (lines: string): Buffer => {
        if (encoding === 'gbk') return Buffer.from(lines)
        const bytes = Buffer.from(lines, 'utf16le')
        return encoding === 'utf-16be' ? bytes.swap16() : bytes
      }
      if (encoding !== 'gbk') writeFileSync(app.path, encode('\uFEFF'))
      // 中文 in GBK.
      const wide = encoding === 'gbk' ? Buffer.from([0xd6, 0xd0, 0xce, 0xc4]) : encode('中文')
      const put = (): void => {
        for (let i = 0; i < 50; i++) {
          appendFileSync(app.path, encode(app.lines(20)))
          appendFileSync(app.path, Buffer.concat([encode('junk '), wide, encode('\n')]))
        }
      }
      put()
      await rig.start()
      await until(() => rig.storedCount('es') > 0, 'it ships')
      await rig.kill()
      put()
      await rig.start()
      await until(() => rig.storedCount('loki') === 2100 && rig.storedCount('es') === 2100, 'all is there')
      assert.equal(rig.stored().loki.filter((line) => line === 'junk 中文').length, 100)
      return junkEnding(100)
    },
  )
}

/** One line without an end to it, in pieces. */
function writeLongLine(app: CountedFile, bytes: number): void {
  const piece = Buffer.alloc(2 ** 20, 'junk')
  const file = openSync(app.path, 'a')
  for (let written = 0; written < bytes; written += piece.length) writeSync(file, piece)
  writeSync(file, '\n')
  closeSync(file)
}

scenario(
  'TXT-LONG',
  'lines of 1 kB to 4 MB between good ones: whole up to max_line_bytes, else cut, none stops the file',
  {},
  async (rig) => {
    const app = rig.file('app.log')
    await rig.start()
    for (const size of [1e3, 1e4, 1e5, 2.5e5, 3e5, 1e6, 4e6]) {
      app.write(50)
      appendFileSync(app.path, `${'junk'.repeat(size / 4)}\n`)
    }
    app.write(50)
    await until(
      () => rig.storedCount('es') === 407 && rig.storedCount('loki') === 407,
      'all is there',
      60_000,
    )
    const cut = rig.stored().es.filter((document) => document.includes('"truncated"'))
    assert.equal(cut.length, 3)
    return junkEnding(7)
  },
)

const longBytes = scaled({ short: 2 ** 24, full: 2 ** 30, long: 2 ** 32 })

scenario(
  'TXT-10MB, TXT-1GB',
  `one line of ${longBytes / 2 ** 20} MiB: cut, and the memory does not know how long it was`,
  { from: 'full' },
  async (rig) => {
    const app = rig.file('app.log')
    app.write(100)
    writeLongLine(app, longBytes)
    app.write(100)
    await rig.start()
    await until(
      () => rig.storedCount('es') === 201 && rig.storedCount('loki') === 201,
      'all is there',
      300_000,
    )
    return { ...junkEnding(1), maxRssBytes: 200 * 2 ** 20 }
  },
)

// Events of several lines --------------------------------------------------------------------------------------------

/** A line of the writer with a stack trace behind it. */
const trace = (app: CountedFile): string =>
  app.lines(1).replace('\n', '\njava.lang.Error: x\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)\n')

const wholeTraces = (rig: TortureRig, count: number): void => {
  for (const stored of Object.values(rig.stored())) {
    const whole = stored.filter((text) =>
      /check=\w+\W*n?\W*java\.lang\.Error.*B\.java:1.*B\.java:2/s.test(text),
    )
    assert.equal(whole.length, count)
  }
}

const joined = { source: { parse: 'none', multiline: { start: String.raw`^\d{4}-` } } }

scenario(
  'ML-KILL',
  'killed in the middle of events of several lines: each is joined once',
  { ...joined, include: ['app.log'] },
  async (rig) => {
    const app = rig.file('app.log', { kind: 'text' })
    const kills = scaled({ short: 2, full: 8, long: 50 })
    for (let i = 0; i < kills; i++) {
      await rig.start()
      const text = trace(app) + trace(app)
      const middle = text.indexOf('B.java:1', text.length / 2)
      appendFileSync(app.path, text.slice(0, middle))
      // The first of the two: the second one waits for its lines.
      await until(() => rig.storedCount('es') >= app.written - 1, 'the event before is there')
      await rig.kill()
      appendFileSync(app.path, text.slice(middle))
    }
    await rig.start()
    await rig.arrived()
    wholeTraces(rig, app.written)
  },
)

scenario(
  'ML-STACK',
  'stack traces cut by rotations, in two files at once: one event each, never mixed',
  { ...joined, include: ['*.log'] },
  async (rig) => {
    const files = ['a.log', 'b.log'].map((name) => rig.file(name, { kind: 'text' }))
    await rig.start()
    for (let round = 0; round < scaled({ short: 4, full: 30, long: 200 }); round++) {
      for (const app of files) {
        const text = trace(app) + trace(app)
        const middle = text.lastIndexOf('\tat a.B.d')
        appendFileSync(app.path, text.slice(0, middle))
        const { written } = app
        await until(() => seenText(rig, app, written - 2), 'the event before is there')
        renameSync(app.path, `${app.path}.${round}`)
        appendFileSync(app.path, text.slice(middle))
      }
    }
    await rig.arrived()
    wholeTraces(rig, rig.written)
  },
)

const seenText = (rig: TortureRig, { writer }: CountedFile, sequence: number): boolean =>
  rig.elasticsearch.documents().some(({ source }) => source.includes(`uid=${writer}-${sequence} `))

// Wrappers of containers ---------------------------------------------------------------------------------------------

const criTime = (): string => new Date().toISOString().replace('Z', '000000Z')

scenario(
  'CRI-1, CRI-2, CRI-3, CRI-4',
  'parts of lines of both streams, over rotation and a kill, and a line whose end never comes: joined, none lost',
  { include: ['app.log'], source: { parse: ['cri', 'json'], max_line_bytes: '64KiB' } },
  async (rig) => {
    const app = rig.file('app.log')
    const put = (...parts: readonly (readonly [stream: string, tag: 'P' | 'F', text: string])[]): void =>
      appendFileSync(
        app.path,
        parts.map(([stream, tag, text]) => `${criTime()} ${stream} ${tag} ${text}\n`).join(''),
      )
    const cut = (): [string, string, string] => {
      const line = app.lines(1).trimEnd()
      return [line.slice(0, 20), line.slice(20, 50), line.slice(50)]
    }
    await rig.start()
    for (let i = 0; i < 20; i++) {
      const [one, two, three] = cut()
      put(['stdout', 'P', one], ['stdout', 'P', two])
      // The other stream in the midst of it.
      put(['stderr', 'F', app.lines(1).trimEnd()], ['stdout', 'F', three])
    }
    await rig.arrived()
    for (const how of ['rotated', 'killed'] as const) {
      const [one, two, three] = cut()
      put(['stdout', 'P', one], ['stdout', 'P', two])
      put(['stderr', 'F', app.lines(1).trimEnd()])
      await until(() => seen(rig, app, app.written - 1) === 1, 'the other stream is not held up')
      if (how === 'killed') await rig.kill()
      else renameSync(app.path, rig.path('app.log.1'))
      put(['stdout', 'F', three])
      if (how === 'killed') await rig.start()
      await rig.arrived()
    }
    // 10 MB of parts: cut at 64 KiB, flagged, and what comes after it is whole.
    const parts = scaled({ short: 100, full: 1000, long: 1000 })
    for (let i = 0; i < parts; i++) put(['stdout', 'P', 'junk'.repeat(2500)])
    put(['stdout', 'F', 'junk'], ['stdout', 'F', app.lines(1).trimEnd()])
    await until(() => seen(rig, app, app.written - 1) === 1, 'the line after it is there')
    await until(
      () => rig.stored().es.some((document) => document.includes('"truncated"')),
      'it is there, cut',
    )
    return junkEnding(1)
  },
)

scenario(
  'DOCKER, DOCKER-TORN',
  'json-file with parts of lines, and a line torn by a full disk: joined, the torn one as it is',
  { source: { parse: ['docker', 'json'] } },
  async (rig) => {
    const app = rig.file('app.log')
    const docker = (log: string, stream = 'stdout'): string =>
      `${JSON.stringify({ log, stream, time: new Date().toISOString() })}\n`
    await rig.start()
    for (let i = 0; i < 50; i++) {
      const line = app.lines(1)
      appendFileSync(
        app.path,
        docker(line.slice(0, 40)) + docker(app.lines(1), 'stderr') + docker(line.slice(40)),
      )
    }
    appendFileSync(app.path, '{"log":"junk, torn by a full dis\n')
    appendFileSync(app.path, docker(app.lines(1)))
    await until(() => rig.storedCount('es') === 102 && rig.storedCount('loki') === 102, 'all is there')
    return junkEnding(1)
  },
)

scenario(
  'LBL-CARD',
  'a label with a value for each line: capped, the rest in structured metadata, counted, over a restart',
  { loki: { labels: { job: 'torture', user: '{uid}' }, label_limits: { max_streams: 50, max_values: 20 } } },
  async (rig) => {
    const app = rig.file('app.log')
    await rig.start()
    app.write(500)
    await rig.arrived()
    // Not killed: what is sent again after a demotion has other labels, and is another entry (docs/loki.md).
    await rig.stop()
    app.write(500)
    await rig.start()
    await rig.arrived()
    const streams = new Set(rig.loki.entries().map(({ labels }) => labels))
    assert.ok(streams.size <= 50, `${streams.size} streams`)
    assert.ok(rig.loki.entries().some(({ metadata }) => metadata.includes('"user"')))
  },
)
