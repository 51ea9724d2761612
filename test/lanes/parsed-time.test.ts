import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventOf, membersOf, readingTime } from './lane-under-test.ts'

const access = (time: string): string => `1.2.3.4 - - [${time}] "GET / HTTP/1.1" 200 5`

test("the time that a preset found is the event's, in its precision", () => {
  const event = eventOf(access('20/Jan/2026:10:00:00.250 +0000'), { parse: 'nginx' })
  assert.deepEqual([event.time.seconds, event.time.nanos, event.precision], [1_768_903_200, 250_000_000, 3])
  assert.equal(event.members.includes('@timestamp'), false)
})

test('it stands before the time of the wrapper', () => {
  const line = `2026-01-20T11:00:00Z stdout F ${access('20/Jan/2026:10:00:00 +0000')}`
  assert.equal(membersOf(line, { parse: ['cri', 'nginx'] })['@timestamp'], '2026-01-20T10:00:00Z')
})

test('one that is no time, or not to be believed, is kept beside ours', () => {
  const members = (time: string): Record<string, unknown> => membersOf(access(time), { parse: 'nginx' })
  assert.equal(members('31/Feb/2026:10:00:00 +0000')['@timestamp_invalid'], '31/Feb/2026:10:00:00 +0000')
  const early = members('20/Jan/1999:10:00:00 +0000')
  assert.deepEqual([early['@timestamp'], early['@timestamp_original']], [readingTime, '1999-01-20T10:00:00Z'])
})

test('a time zone is that of the source, and a field that somebody named wins', () => {
  const at = (timestamp: Record<string, string>, line: string, parse: string): unknown =>
    membersOf(line, { parse, timestamp })['@timestamp']
  const error = '2026/01/20 10:00:00 [error] 1#2: x'
  assert.equal(at({ timezone: 'Europe/Berlin' }, error, 'nginx'), '2026-01-20T09:00:00Z')
  const pairs = '@timestamp=2026-01-20T10:00:00Z other=2026-01-20T11:00:00Z'
  assert.equal(at({}, pairs, 'logfmt'), '2026-01-20T10:00:00Z')
  assert.equal(at({ field: 'other' }, pairs, 'logfmt'), '2026-01-20T11:00:00Z')
})

test('among several names for a time the first that can be read counts, also where a parser made them', () => {
  const members = membersOf('@timestamp=nonsense time=2026-01-20T11:00:00Z a=b', { parse: 'logfmt' })
  assert.equal(members['@timestamp'], '2026-01-20T11:00:00Z')
  const both = membersOf('@timestamp=2026-01-20T10:00:00Z time=2026-01-20T11:00:00Z', { parse: 'logfmt' })
  assert.equal(both['@timestamp'], '2026-01-20T10:00:00Z')
})
