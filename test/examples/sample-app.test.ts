import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { until } from '../support/fake-clock.ts'

const app = 'examples/sample-app/app.mjs'
let folder = ''
let child: ChildProcess | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logferry-sample-'))
})

afterEach(async () => {
  if (child && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  rmSync(folder, { recursive: true })
})

function start(...options: string[]): ChildProcess {
  child = spawn(process.execPath, [app, folder, '--lines-per-second', '4000', ...options], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  child.stdin?.on('error', () => {})
  return child
}

function files(): string[] {
  return readdirSync(folder).toSorted()
}

async function ended(process: ChildProcess): Promise<number | null> {
  if (process.exitCode === null) await once(process, 'exit')
  return process.exitCode
}

describe('the sample app', () => {
  test('writes JSON lines with trace ids, plain text and stack traces', async () => {
    const running = start()
    await until(
      () => files().length >= 2 && readFileSync(join(folder, 'worker.log'), 'utf8').includes('    at '),
      'a stack',
    )
    running.kill('SIGTERM')
    assert.equal(await ended(running), 0)
    const lines = readFileSync(join(folder, 'shop.log'), 'utf8').trimEnd().split('\n')
    const events = lines.map((line) => JSON.parse(line))
    assert.match(events[0].trace_id, /^[0-9a-f]{32}$/)
    assert.ok(events.some(({ level }) => level === 'error'))
  })

  test('rotates by rename and keeps a bounded number of files', async () => {
    const running = start('--rotate-bytes', '5000')
    await until(
      () => files().includes('shop.log.3') && files().includes('worker.log.3'),
      'three old files of each',
    )
    running.kill('SIGTERM')
    await ended(running)
    assert.deepEqual(
      files(),
      ['shop', 'worker'].flatMap((name) => [
        `${name}.log`,
        `${name}.log.1`,
        `${name}.log.2`,
        `${name}.log.3`,
      ]),
    )
    for (const name of files()) assert.ok(statSync(join(folder, name)).size < 8000, name)
  })

  test('ends when its stdin closes, as it does when npm start dies', async () => {
    const running = start()
    await until(() => files().length > 0, 'the first line')
    running.stdin?.end()
    assert.equal(await ended(running), 0)
  })

  test('ends when its parent was killed, also without a pipe', async () => {
    const script = `require('node:child_process').spawn(process.execPath, ${JSON.stringify([app, folder])}, {stdio: 'ignore'});setInterval(() => {}, 1000)`
    child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' })
    await until(() => files().length >= 2 && statSync(join(folder, 'shop.log')).size > 0, 'the first line')
    const pid = pidOf(folder)
    assert.ok(pid !== undefined)
    child.kill('SIGKILL')
    await until(() => pidOf(folder) === undefined, 'the app has ended')
  })
})

/** The process whose command line has the folder as an argument of its own. */
function pidOf(argument: string): number | undefined {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const found = pids.find((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(argument)
    } catch {
      return false
    }
  })
  return found === undefined ? undefined : Number(found)
}
