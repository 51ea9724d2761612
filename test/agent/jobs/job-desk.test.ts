import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job } from '../../../src/agent/jobs/job.ts'
import { JobDesk } from '../../../src/agent/jobs/job-desk.ts'
import { silentLog } from '../../../src/core/log.ts'
import { FakeClock, turn } from '../../support/fake-clock.ts'

class Output {
  lines: string[] = []
  isEnded = false
  write = (text: string): void => void this.lines.push(text.trim())
  end = (): void => void (this.isEnded = true)
}

/** Goes on until it is told to end. */
const endless: Job = {
  title: 'a test',
  progress: () => ({ done: 1 }),
  run: (signal) =>
    new Promise((resolve) => {
      const end = (): void => resolve({ done: 2 })
      if (signal.aborted) end()
      else signal.addEventListener('abort', end, { once: true })
    }),
}

async function ended(out: Output): Promise<void> {
  while (!out.isEnded) await turn()
}

test('a job says how far it is each second, and at its end; one at a time', async () => {
  const clock = new FakeClock()
  const desk = new JobDesk(clock, silentLog)
  const [out, other] = [new Output(), new Output()]
  assert.equal(desk.busy, undefined)
  desk.start(endless, out)
  await turn()
  await clock.advance(1000)
  assert.match(desk.busy ?? '', /^a test is going on since .*: wait for its end/)
  desk.start(endless, other)
  assert.deepEqual([other.isEnded, other.lines.length], [true, 1])
  assert.ok(!desk.cancel('2'))
  assert.ok(desk.cancel('1'))
  await ended(out)
  assert.deepEqual(out.lines, [
    '{"job":"1"}',
    '{"progress":{"done":1}}',
    '{"progress":{"done":1}}',
    '{"result":{"done":2,"ended":"cancelled"}}',
  ])
  assert.equal(desk.busy, undefined)
})

test('a job ends with its reader, and with the agent, which begins none then', async () => {
  const desk = new JobDesk(new FakeClock(), silentLog)
  const [first, second] = [new Output(), new Output()]
  desk.start(endless, first).close()
  await ended(first)
  desk.start(endless, second)
  await desk.stop()
  assert.ok(second.isEnded)
  assert.equal(desk.busy, 'the agent is stopping')
})

test('one that fails says why', async () => {
  const desk = new JobDesk(new FakeClock(), silentLog)
  const out = new Output()
  desk.start({ ...endless, run: () => Promise.reject(new Error('EIO of the disk')) }, out)
  await ended(out)
  assert.equal(out.lines.at(-1), '{"problem":"EIO of the disk","progress":{"done":1}}')
})
