import assert from 'node:assert/strict'
import { test } from 'node:test'
import { autoPresets } from '../../src/parsers/auto-presets.ts'
import { choiceOfText, choiceText } from '../../src/parsers/auto.ts'
import { documentsOf, eventsOf, openLane, process } from '../lanes/lane-under-test.ts'

const klog = 'I0120 10:00:00.123456 1 a.go:1] hello'
const cri = (content: string, tag = 'F'): string => `2026-01-20T10:00:00Z stdout ${tag} ${content}`
const docker = (content: string): string =>
  JSON.stringify({ log: `${content}\n`, stream: 'stdout', time: '2026-01-20T10:00:00Z' })

const chosenFor = (lines: readonly string[]): string => process(openLane(), `${lines.join('\n')}\n`).parser

const choices: readonly (readonly [string, readonly string[], string])[] = [
  ['a preset', [klog], 'klog'],
  ['a preset within a wrapper', [cri(klog)], 'cri+klog'],
  ['a preset within the other wrapper', [docker(klog), docker(klog)], 'docker+klog'],
  ['a wrapper alone', [cri('hello')], 'cri'],
  ['plain text', ['hello', 'world'], 'none'],
  ['JSON alone', ['{"a":1}', '{"msg":"INFO x"}'], 'none'],
  ['a few lines among JSON', ['{"a":1}', '{"a":2}', '{"a":3}', klog], 'klog'],
  ['most lines', [klog, klog, 'panic: oh'], 'klog'],
  ['half of the lines', [klog, 'panic: oh'], 'none'],
  ['lines that go on indented', [klog, '  at a', '\tat b', '  at c'], 'klog'],
  ['fragments have no say', [cri('hel', 'P'), cri('lo', 'P'), cri(klog)], 'cri+klog'],
  ['one sentence about an error', ['ERROR in plain text'], 'none'],
  ['levels in front of two lines', ['ERROR in plain text', 'INFO all is well'], 'level_message'],
  ['sentences that begin with a word for a level', ['Error opening x', 'Warning: y', 'Error: z'], 'none'],
  ['pairs that no logger writes', ['a=1 b=2', 'c=3 d=4'], 'none'],
  ['logfmt', ['level=info msg=hello'], 'logfmt'],
  ['an ISO time, a level and a name', ['2026-01-20T10:00:00Z INFO main: x'], 'none'],
  ['an ISO time and two words', ['2026-01-20T10:00:00Z main worker: x'], 'none'],
  ['syslog with a pid', ['2026-01-20T10:00:00Z web sshd[1]: x'], 'syslog'],
]

test('a log of errors that is mostly tracebacks is still known as Python, without multiline too', () => {
  const error = '2026-01-20 10:16:03,250 - shop.checkout - ERROR - charge failed'
  const traceback = [
    'Traceback (most recent call last):',
    '  File "a.py", line 1, in f',
    'shop.GatewayTimeout: no',
  ]
  assert.equal(chosenFor([error, ...traceback, error, ...traceback]), 'python')
  // Cut anywhere: a file that begins within one.
  assert.equal(chosenFor([...traceback.slice(1), error, ...traceback]), 'python')
  assert.equal(chosenFor([...traceback, 'hello']), 'none')
})

for (const [what, lines, expected] of choices) {
  test(`auto chooses ${expected} for ${what}`, () => {
    assert.equal(chosenFor(lines), expected)
  })
}

test('only the first twenty lines are looked at', () => {
  assert.equal(chosenFor([...Array<string>(20).fill('hello'), ...Array<string>(100).fill(klog)]), 'none')
})

test('a choice comes back from its text, and what older versions wrote is understood', () => {
  for (const wrapper of ['', 'cri', 'docker']) {
    for (const preset of ['', ...autoPresets.map(({ name }) => name)]) {
      const text = [wrapper, preset].filter((name) => name !== '').join('+') || 'none'
      const choice = choiceOfText(text)
      assert.equal(choice && choiceText(choice), text)
    }
  }
  for (const text of ['', 'cri+', '+klog', 'klog+cri', 'cri+klog+klog', 'CRI', 'later'])
    assert.equal(choiceOfText(text), undefined)
})

test('a choice is kept over a restart, and one that is unknown is made again', () => {
  const parserAfter = (parser: string): string => {
    const resume = { parser, lastTime: { seconds: 0, nanos: 0 }, lastBump: 0 }
    return process(openLane({}, { resume }), 'hello\n').parser
  }
  assert.equal(parserAfter('cri+klog'), 'cri+klog')
  assert.equal(parserAfter('docker'), 'docker')
  assert.equal(parserAfter('none'), 'none')
  assert.equal(parserAfter('of a later version'), 'none')
})

test('whatever is chosen JSON is JSON, and what does not fit is plain without an error', () => {
  const lane = openLane()
  const lines = [klog, klog, klog, '{"level":"warn","a":1.0}', '{broken', 'plain']
  const { events, parseErrors } = process(lane, `${lines.join('\n')}\n`)
  const documents = documentsOf(events.slice(3), lane.shared).map((text) =>
    text.replace(/^.*"log.offset":\d+,/, '{'),
  )
  assert.equal(parseErrors, 0)
  assert.deepEqual(documents, [
    '{"log.level":"warn","level":"warn","a":1.0}',
    '{"message":"{broken"}',
    '{"message":"plain"}',
  ])
})

test('a chain goes on behind what auto made', () => {
  const lines = 'level=info msg="n=1 m=2"\nlevel=info msg="n=1 m=2"\n'
  const [event] = eventsOf(lines, { parse: ['auto', { type: 'logfmt', field: 'msg' }] })
  assert.equal(event?.members, '"level":"info","msg":"n=1 m=2","n":"1","m":"2"')
})
