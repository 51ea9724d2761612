import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tap } from '../../src/agent/tap.ts'
import type { StoredRecord } from '../../src/buffer/buffer.ts'
import { limits } from '../../src/core/limits.ts'
import { ConditionError } from '../../src/steps/condition-error.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { recordOfLines } from '../support/record-of-lines.ts'

interface Rig {
  readonly tap: Tap
  readonly clock: FakeClock
  readonly said: unknown[]
  unread: number
}

function rig(asked: { source?: string; where?: string } = {}): Rig {
  const clock = new FakeClock()
  const said: unknown[] = []
  const made = { clock, said, unread: 0 }
  const out = {
    write: (text: string) => {
      const lines = text.slice(0, -1).split('\n')
      said.push(...lines.map((line): unknown => (line === '' ? 'alive' : JSON.parse(line))))
    },
    get unreadBytes() {
      return made.unread
    },
  }
  const tap = new Tap({ source: asked.source, where: asked.where, clock, out })
  return Object.assign(made, { tap })
}

const lines = (count: number, level = 'info'): StoredRecord =>
  recordOfLines(Array.from({ length: count }, (_, index) => `{"level":"${level}","n":${index}}`))

test('a tap shows each event as its document, with its source', () => {
  const { tap, said } = rig()
  tap.take(lines(2))
  assert.equal(said.length, 2)
  assert.match(
    JSON.stringify(said[1]),
    /^\{"source":"app","event":\{"@timestamp":.*"log\.level":"info",.*"n":1\}\}$/,
  )
})

test("it shows only what its condition is true for, by the names of documents and by the line's own", () => {
  for (const where of [
    "level == 'error'",
    "log.level == 'error' && n < 3",
    'n > 1 && level.startsWith("err")',
  ]) {
    const { tap, said } = rig({ where })
    tap.take(lines(3))
    assert.deepEqual(said, [], where)
    tap.take(lines(3, 'ERROR'))
    assert.ok(said.length > 0, where)
  }
})

test('it shows nothing of other sources, and refuses a bad condition', () => {
  const { tap, said } = rig({ source: 'web' })
  tap.take(lines(3))
  assert.deepEqual(said, [])
  assert.throws(() => rig({ where: 'level ==' }), ConditionError)
})

test('what is more than it may show in a second is left out, and it says how much', async () => {
  const { tap, said, clock } = rig()
  tap.take(lines(limits.tapEventsPerSecond + 7))
  assert.equal(said.length, limits.tapEventsPerSecond)
  await clock.advance(1_000)
  tap.take(lines(1))
  assert.deepEqual(said.slice(limits.tapEventsPerSecond, -1), [{ left_out: 7 }])
})

test('a condition is tried on so many events a second, and no more', () => {
  const { tap, said } = rig({ where: 'n >= 0 && n < 1' })
  for (let count = 0; count < 3; count++) tap.take(lines(limits.tapLooksPerSecond / 2))
  assert.equal(said.length, 2)
})

test('a reader that does not read holds up nothing', async () => {
  const made = rig()
  made.unread = limits.tapUnreadBytes + 1
  made.tap.take(lines(5))
  assert.deepEqual(made.said, [])
  await made.clock.advance(5_000)
  assert.deepEqual(made.said, [{ left_out: 5 }, 'alive'])
})

test('one that waits hears every five seconds that the tap is there, until it is closed', async () => {
  const { tap, said, clock } = rig()
  let isEnded = false
  tap.closed(() => (isEnded = true))
  await clock.advance(10_000)
  assert.deepEqual(said, ['alive', 'alive'])
  tap.close()
  await clock.advance(10_000)
  assert.deepEqual([said.length, isEnded], [2, true])
})
