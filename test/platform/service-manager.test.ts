import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Log } from '../../src/core/log.ts'
import { silentLog } from '../../src/core/log.ts'
import { NotifiedManager, serviceManager } from '../../src/platform/service-manager.ts'
import { FakeClock } from '../support/fake-clock.ts'

const pid = 4711
const watched = { WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(pid) }

function setUp(env: Record<string, string> = watched, log: Log = silentLog) {
  const clock = new FakeClock()
  const sent: string[] = []
  const life = { isAlive: true, status: 'all is well' }
  const channel = {
    reply: Promise.resolve(),
    send(lines: readonly string[]): Promise<void> {
      sent.push(lines.join(' | '))
      return channel.reply
    },
  }
  const manager = new NotifiedManager(channel, { env, pid, clock, log, monotonicUsec: () => 123n })
  const ready = async (): Promise<void> => {
    manager.ready({ status: () => life.status, isAlive: () => life.isAlive })
    await clock.advance(0)
  }
  return { clock, sent, life, channel, manager, ready }
}

test('ready comes with the status, then three pings in each watchdog interval', async () => {
  const { clock, sent, ready } = setUp()
  await ready()
  await clock.advance(30_000)
  assert.deepEqual(sent, ['READY=1 | STATUS=all is well', 'WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1'])
})

test('a status that has changed goes with the ping, on one line', async () => {
  const { clock, sent, life, ready } = setUp()
  await ready()
  life.status = 'sink es\nREADY=1 holding'
  await clock.advance(10_000)
  assert.equal(sent.at(-1), 'WATCHDOG=1 | STATUS=sink es READY=1 holding')
})

test('once reading has died the watchdog is not fed, but the status still says why', async () => {
  const { clock, sent, life, ready } = setUp()
  await ready()
  life.isAlive = false
  life.status = 'reading has died'
  await clock.advance(60_000)
  assert.deepEqual(sent.slice(1), ['STATUS=reading has died'])
})

test('without a watchdog, or with the one of another process, only a changed status is sent', async () => {
  for (const env of [{}, { ...watched, WATCHDOG_PID: '1' }, { WATCHDOG_USEC: '0' }, { WATCHDOG_USEC: 'x' }]) {
    const { clock, sent, life, ready } = setUp(env)
    await ready()
    await clock.advance(120_000)
    life.status = 'busy'
    await clock.advance(30_000)
    assert.deepEqual(sent, ['READY=1 | STATUS=all is well', 'STATUS=busy'])
  }
})

test('a reload is announced with the time, and over when it is over, also a failed one', async () => {
  const { clock, sent, manager, ready } = setUp()
  await ready()
  await manager.reloading(async () => {})
  await assert.rejects(manager.reloading(() => Promise.reject(new Error('no'))))
  await clock.advance(0)
  const reload = ['RELOADING=1 | MONOTONIC_USEC=123', 'READY=1']
  assert.deepEqual(sent.slice(1), [...reload, ...reload])
})

test('a stop is announced; pings go on while it drains, and a reload that ends meanwhile is not ready', async () => {
  const { clock, sent, manager, ready } = setUp()
  await ready()
  await manager.reloading(async () => manager.stopping())
  await clock.advance(0)
  await clock.advance(10_000)
  assert.match(sent.at(-2) ?? '', /^STOPPING=1 \| STATUS=stopping/)
  assert.equal(sent.at(-1), 'WATCHDOG=1')
})

test('while a message is not through, pings do not pile up behind it', async () => {
  const { clock, sent, channel, ready } = setUp()
  let arrive = (): void => {}
  channel.reply = new Promise((resolve) => (arrive = resolve))
  await ready()
  await clock.advance(60_000)
  assert.equal(sent.length, 1)
  channel.reply = Promise.resolve()
  arrive()
  await clock.advance(0)
  await clock.advance(10_000)
  assert.deepEqual(sent.slice(1), ['WATCHDOG=1'])
})

test('a manager that cannot be told is named once, and the agent goes on', async () => {
  const warnings: object[] = []
  const { clock, channel, ready } = setUp(watched, { ...silentLog, warn: (fields) => warnings.push(fields) })
  channel.reply = Promise.reject(new Error('spawn systemd-notify ENOENT'))
  await ready()
  await clock.advance(60_000)
  assert.deepEqual(warnings, [{ reason: 'spawn systemd-notify ENOENT' }])
})

test('without NOTIFY_SOCKET nobody is told, no timer runs, and reloads go on', async () => {
  const clock = new FakeClock()
  const manager = serviceManager({ env: watched, pid, clock, log: silentLog })
  manager.ready({ status: () => '', isAlive: () => true })
  let reloads = 0
  await manager.reloading(async () => void (reloads += 1))
  manager.stopping()
  assert.equal(reloads, 1)
  assert.equal(clock.pendingTimers, 0)
})
