import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, test } from 'node:test'
import { createLog } from '../../src/telemetry/log.ts'
import type { AdjustableLog, LogOptions } from '../../src/telemetry/log.ts'

function collect(options: Partial<LogOptions> = {}): { log: AdjustableLog; lines: string[] } {
  const lines: string[] = []
  const log = createLog({
    level: 'info',
    stream: { write: (text) => void lines.push(text) },
    isTerminal: false,
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    ...options,
  })
  return { log, lines }
}

describe('the log as JSON', () => {
  test('has one line for each message, with level, time and msg', () => {
    const { log, lines } = collect()
    log.warn({ sink: 'es', tries: 3 }, 'sink does not answer\nreally')
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /^[^\n]+\n$/)
    const { time, ...rest } = JSON.parse(lines[0]!)
    assert.deepEqual(rest, { level: 'warn', sink: 'es', tries: 3, msg: 'sink does not answer\nreally' })
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  test('leaves out what is below the level, which can change', () => {
    const { log, lines } = collect()
    log.debug({}, 'hidden')
    log.setLevel('debug')
    log.debug({}, 'shown')
    log.setLevel('silent')
    log.error({}, 'hidden')
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).msg),
      ['shown'],
    )
  })

  test('a reader that does not read costs lines, which are counted, and no memory', () => {
    const lines: string[] = []
    const stream = { writableLength: 0, write: (text: string) => void lines.push(text) }
    const { log } = collect({ stream })
    log.info({}, 'read')
    stream.writableLength = 2 * 1024 ** 2
    log.info({}, 'left out')
    log.error({}, 'left out')
    stream.writableLength = 0
    log.info({}, 'read again')
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)).map(({ msg, lines: count }) => count ?? msg),
      ['read', 2, 'read again'],
    )
  })

  test('a message with percent signs is no format', () => {
    const { log, lines } = collect()
    log.info({ a: 1 }, '100 %s %d %j')
    assert.equal(JSON.parse(lines[0]!).msg, '100 %s %d %j')
  })

  test('writes no secret, wherever it stands', () => {
    const { log, lines } = collect()
    const cause = new Error('password hunter2')
    const error = Object.assign(new Error('hunter2 was refused', { cause }), { code: 'EAUTH' })
    log.error(
      { hunter2: ['hunter2', { deep: 'xhunter2x' }], error, url: new URL('http://u:hunter2@h/') },
      'hunter2',
    )
    assert.doesNotMatch(lines[0]!, /hunter2/)
    const { error: written } = JSON.parse(lines[0]!)
    assert.equal(written.code, 'EAUTH')
    assert.equal(written.message, '[redacted] was refused')
    assert.equal(written.cause.message, 'password [redacted]')
    assert.match(written.stack, /log\.test/)
  })

  test('circles, huge texts and odd values are cut down, not fatal', () => {
    const { log, lines } = collect()
    const circle: Record<string, unknown> = { big: 10n, bytes: new Uint8Array(5), call: () => 1 }
    circle['self'] = circle
    log.info(
      { circle, text: 'x'.repeat(1e6), list: Array.from({ length: 1000 }, () => 1), ['__proto__']: 1 },
      'odd',
    )
    assert.ok(lines[0]!.length < 10_000)
    assert.equal(JSON.parse(lines[0]!).circle.big, '10')
    assert.equal(JSON.parse(lines[0]!).circle.bytes, '[5 bytes]')
  })

  test('a field cannot pass itself off as time, level or msg', () => {
    const { log, lines } = collect()
    log.info({ level: 'fatal', time: 0, msg: 'forged' }, 'true')
    assert.equal(lines[0]!.match(/"msg":/g)?.length, 1)
    const { level, msg, msg_: field } = JSON.parse(lines[0]!)
    assert.deepEqual([level, msg, field], ['info', 'true', 'forged'])
  })

  test('a reader of the log that goes away does not end the agent', () => {
    const stream = Object.assign(new EventEmitter(), { write: () => true })
    collect({ stream })
    assert.doesNotThrow(() => stream.emit('error', new Error('EPIPE')))
  })
})

describe('the log on a terminal', () => {
  test('is one readable line', () => {
    const { log, lines } = collect({ isTerminal: true, colour: false })
    log.warn({ sink: 'es', tries: 3, error: new Error('no route') }, 'sink does not answer')
    assert.match(
      lines[0]!,
      /^\d\d:\d\d:\d\d\.\d{3} WARN {2}sink does not answer {2}sink=es tries=3 error="no route"\n$/,
    )
  })

  test('has colour unless told otherwise', () => {
    const { log, lines } = collect({ isTerminal: true })
    log.error({}, 'x')
    assert.ok(lines[0]!.includes('\u001b[31mERROR\u001b[0m'))
  })

  test('control characters from outside are shown and not obeyed, and forge no line', () => {
    const { log, lines } = collect({ isTerminal: true, colour: false })
    const hostile = 'a\u001b[2J\u0007\r\n12:00:00 INFO all is well\u009b31m\u202e'
    log.info({ path: hostile, ['k\u001b']: 1, list: [hostile], error: new Error(hostile) }, hostile)
    const text = lines.join('')
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(text.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u202e]/)
    assert.ok(text.endsWith('\n'))
    assert.match(text, /a\\x1b\[2J\\x07\\r\\n12:00:00 INFO all is well\\x9b31m\\u202e/)
  })
})
