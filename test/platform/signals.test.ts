import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { takeSignals } from '../../src/platform/signals.ts'

function setUp(): { emitter: EventEmitter; signals: ReturnType<typeof takeSignals>; done: string[] } {
  const emitter = new EventEmitter()
  const done: string[] = []
  const signals = takeSignals(emitter, () => done.push('exit'))
  return { emitter, signals, done }
}

test('the first SIGTERM or SIGINT asks to stop, the second one ends the process', () => {
  const { emitter, signals, done } = setUp()
  emitter.emit('SIGINT')
  assert.equal(signals.stop.reason, 'SIGINT')
  assert.deepEqual(done, [])
  emitter.emit('SIGTERM')
  assert.deepEqual(done, ['exit'])
})

test('SIGHUP reloads and SIGUSR2 flushes', () => {
  const { emitter, signals, done } = setUp()
  signals.handle({ reload: () => done.push('reload'), flush: () => done.push('flush') })
  for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGHUP']) emitter.emit(signal)
  assert.deepEqual(done, ['reload', 'flush', 'reload'])
  assert.equal(signals.stop.aborted, false)
})

test('a SIGHUP during the start does not end the process, and is made up for once', () => {
  const { emitter, signals, done } = setUp()
  emitter.emit('SIGHUP')
  emitter.emit('SIGHUP')
  signals.handle({ reload: () => done.push('reload'), flush: () => done.push('flush') })
  assert.deepEqual(done, ['reload'])
})

test('no listener is left behind', () => {
  const { emitter, signals } = setUp()
  signals.release()
  assert.deepEqual(emitter.eventNames(), [])
})
