import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EventFlag, Severity } from '../../../../src/core/event.ts'
import { ascending, makeEntries } from '../../../../src/sinks/loki/push/entry.ts'
import { logfmtText } from '../../../../src/sinks/loki/push/logfmt.ts'
import type { LineForm } from '../../../../src/sinks/loki/push/line.ts'
import {
  MetadataBuilder,
  metadataKey,
  metadataPairs,
  metadataSize,
} from '../../../../src/sinks/loki/push/metadata.ts'
import { batchItems, draftEvent, storedEvent, storedEvents } from '../../../support/stored-event.ts'

type Draft = Parameters<typeof draftEvent>[0]

function entryOf(draft: Draft, names: readonly string[] = [], line: LineForm = 'raw') {
  const options = { line, metadata: new MetadataBuilder(names), demoted: [] }
  return makeEntries([storedEvent(draft)], options)[0]!
}

function metadataOf(draft: Draft, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(metadataPairs(entryOf(draft, names).metadata))
}

function lineOf(draft: Draft, form: LineForm): string {
  return Buffer.from(entryOf(draft, [], form).line).toString()
}

describe('the time of an entry', () => {
  test('is the event time plus its bump, over the border of a second too', () => {
    const time = { seconds: 7, nanos: 999_999_998 }
    assert.deepEqual(pick(entryOf({ time })), [7, 999_999_998])
    assert.deepEqual(pick(entryOf({ time, bump: 1 })), [7, 999_999_999])
    assert.deepEqual(pick(entryOf({ time, bump: 2 })), [8, 0])
    assert.deepEqual(pick(entryOf({ time, bump: 3_000_000_003 })), [11, 1])
  })

  test('orders the entries of a push, and entries of equal times as they came', () => {
    const times = [5, 3, 3, 9, 1]
    const items = batchItems(
      storedEvents(
        times.map((seconds, from) => draftEvent({ time: { seconds, nanos: 0 }, from: from * 10 })),
      ),
    )
    assert.deepEqual(
      ascending(items).map((item) => item.event.from),
      [40, 10, 20, 0, 30],
    )
    const sorted = ascending(items)
    assert.equal(ascending(sorted), sorted)
  })
})

function pick(entry: { seconds: number; nanos: number }): number[] {
  return [entry.seconds, entry.nanos]
}

describe('the line', () => {
  const json: Draft = {
    line: '{"msg":"hi there","n":12345678901234567890}',
    severity: Severity.info,
    from: 5,
  }
  const time = '2026-11-20T18:00:00.123Z'

  test('raw is what was read', () => {
    assert.equal(lineOf(json, 'raw'), '{"msg":"hi there","n":12345678901234567890}')
  })

  test('json is the whole event', () => {
    assert.equal(
      lineOf(json, 'json'),
      `{"@timestamp":"${time}","host.name":"web-1","log.file.path":"/var/log/app/app.log","log.offset":5,"log.level":"info","msg":"hi there","n":12345678901234567890}`,
    )
  })

  test('message is its message, or the line where there is none', () => {
    assert.equal(lineOf(json, 'message'), 'hi there')
    assert.equal(lineOf({ line: 'plain' }, 'message'), 'plain')
    assert.equal(lineOf({ line: '{"a":1}' }, 'message'), '{"a":1}')
  })

  test('logfmt has every member, all digits, and quotes where they are needed', () => {
    assert.equal(
      lineOf(json, 'logfmt'),
      `@timestamp=${time} host.name=web-1 log.file.path=/var/log/app/app.log log.offset=5 log.level=info msg="hi there" n=12345678901234567890`,
    )
    assert.equal(
      logfmtText(
        '{"a":{"b":{"c":"x=y"},"d":[1,{"e":"]"}]},"f":"","g h":null,"i":"q\\"\\u00e9","j":{},"k":true}',
      ),
      'a.b.c="x=y" a.d="[1,{\\"e\\":\\"]\\"}]" f="" g_h=null i="q\\"é" k=true',
    )
    assert.equal(logfmtText('{}'), '')
  })

  test('lines of one push stay apart when the writer behind them grows', () => {
    const events = storedEvents(
      Array.from({ length: 50 }, (_, n) => draftEvent({ line: `${n}-${'x'.repeat(20_000)}` })),
    )
    const made = makeEntries(events, { line: 'json', metadata: new MetadataBuilder([]), demoted: [] })
    made.forEach(({ line }, n) => {
      assert.equal(JSON.parse(Buffer.from(line).toString()).message.split('-')[0], String(n))
    })
  })

  test('is cut at 256 KiB between characters, and says so beside its own flags', () => {
    const cut = entryOf({ line: `${'x'.repeat(262_143)}ü`, flags: EventFlag.multiline })
    assert.equal(cut.line.length, 262_143)
    assert.deepEqual(metadataPairs(cut.metadata), [['log_flags', 'truncated,multiline']])
    assert.deepEqual(metadataPairs(entryOf({ line: 'x'.repeat(262_144) }).metadata), [])
  })
})

describe('structured metadata', () => {
  test('has the names of the contract where they have a value', () => {
    const names = ['host_name', 'filename', 'trace_id', 'span_id', 'level']
    assert.deepEqual(metadataOf({ line: 'x' }, names), {
      host_name: 'web-1',
      filename: '/var/log/app/app.log',
    })
    assert.deepEqual(
      metadataOf({ line: 'x', traceId: 'ab', spanId: 'cd', severity: Severity.fatal }, names),
      {
        host_name: 'web-1',
        filename: '/var/log/app/app.log',
        trace_id: 'ab',
        span_id: 'cd',
        level: 'fatal',
      },
    )
  })

  test('falls back to an own member, and takes members and paths under a name that Loki would give them', () => {
    const line = '{"trace_id":"not one of ours","http":{"status":200},"1st":"x","né":"y"}'
    assert.deepEqual(metadataOf({ line }, ['trace_id', 'http.status', '1st', 'né', 'missing']), {
      trace_id: 'not one of ours',
      http_status: '200',
      key_1st: 'x',
      n_: 'y',
    })
    assert.equal(metadataKey('a-b.c'), 'a_b_c')
  })

  test('asks the document for what the agent itself wrote into it', () => {
    assert.deepEqual(
      metadataOf({ line: 'text', members: '"stream":"stdout"', from: 9 }, [
        'stream',
        'message',
        'log.offset',
      ]),
      {
        stream: 'stdout',
        message: 'text',
        log_offset: '9',
      },
    )
  })

  test('of two names with one key the first counts', () => {
    assert.deepEqual(metadataOf({ line: '{"a.b":1,"a_b":2}' }, ['a.b', 'a_b']), { a_b: '1' })
  })

  test('tells flags on request', () => {
    assert.deepEqual(metadataOf({ line: 'x', flags: EventFlag.partial }, ['log_flags']), {
      log_flags: 'partial',
    })
    assert.deepEqual(metadataOf({ line: 'x' }, ['log_flags']), {})
  })

  test('stays within 64 KiB: the value is cut and the entry says so', () => {
    const { metadata } = entryOf({ line: JSON.stringify({ a: 'ü'.repeat(50_000), b: 'left out' }) }, [
      'a',
      'b',
    ])
    assert.ok(metadataSize(metadata) <= 65_536)
    const pairs = new Map(metadataPairs(metadata))
    assert.match(pairs.get('a')!, /^ü+$/)
    assert.equal(pairs.get('b'), undefined)
    assert.equal(pairs.get('log_flags'), 'truncated')
  })

  test('has the values of demoted labels', () => {
    const event = storedEvent({ line: '{"user":"u1"}' })
    const demoted = [
      { name: 'user', valueOf: () => 'u1' },
      { name: 'empty', valueOf: () => '' },
      { name: 'host_name', valueOf: () => 'is there already' },
    ]
    const [made] = makeEntries([event], {
      line: 'raw',
      metadata: new MetadataBuilder(['host_name']),
      demoted,
    })
    assert.deepEqual(metadataPairs(made!.metadata), [
      ['host_name', 'web-1'],
      ['user', 'u1'],
    ])
  })
})
