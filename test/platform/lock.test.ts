import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { AgentError } from '../../src/core/errors.ts'
import { lockDataDir } from '../../src/platform/lock.ts'

let folder: string
before(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'logferry-lock-'))
})
after(() => fs.rm(folder, { recursive: true, force: true }))

const refused = (code: string, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof AgentError)
  assert.equal(error.code, code)
  assert.match(error.message, text)
  return true
}

test('a folder that is not there is made, for its owner alone', async () => {
  const path = join(folder, 'deep', 'new')
  const lock = await lockDataDir(path)
  assert.equal((await fs.stat(path)).mode & 0o777, 0o700)
  assert.equal((await fs.stat(join(path, 'lock'))).mode & 0o777, 0o600)
  await lock.release()
})

test('a folder that cannot be made is an error at once, where Node would turn for ever', async () => {
  await assert.rejects(lockDataDir('/proc/nope/data'), refused('data_dir_not_writable', /\/proc\/nope/))
})

test('a second lock is refused and names the folder, and is given once the first is released', async () => {
  const path = join(folder, 'twice')
  const first = await lockDataDir(path)
  await assert.rejects(lockDataDir(path), refused('data_dir_locked', /twice is in use by another agent/))
  await first.release()
  await first.release()
  await (await lockDataDir(path)).release()
})

test('the lock of a process that was killed is free again', async () => {
  const path = join(folder, 'killed')
  // Held by the global: a lock that is garbage is closed, and free while its process lives.
  const script = `import(${JSON.stringify(new URL('../../src/platform/lock.js', import.meta.url).href)})
    .then((it) => it.lockDataDir(${JSON.stringify(path)}))
    .then((lock) => { globalThis.lock = lock; console.log('locked'); setInterval(() => {}, 1000) })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  await assert.rejects(lockDataDir(path), refused('data_dir_locked', /killed/))
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await closed
  await (await lockDataDir(path)).release()
})

test('a folder that everybody can write in is refused', async () => {
  const path = join(folder, 'open')
  await fs.mkdir(path)
  await fs.chmod(path, 0o777)
  await assert.rejects(lockDataDir(path), refused('data_dir_not_writable', /everybody can write in it/))
})

test('a file in the place of the folder is refused', async () => {
  const path = join(folder, 'file')
  await fs.writeFile(path, 'x')
  await assert.rejects(lockDataDir(path), refused('data_dir_not_writable', /not a folder/))
  await assert.rejects(lockDataDir(join(path, 'below')), refused('data_dir_not_writable', /not a folder/))
})

test('a link in the place of the lock file is not followed', async () => {
  const path = join(folder, 'linked')
  await fs.mkdir(path, { mode: 0o700 })
  await fs.symlink(join(folder, 'elsewhere'), join(path, 'lock'))
  await assert.rejects(lockDataDir(path), refused('data_dir_not_writable', /lock is a link/))
  await assert.rejects(fs.stat(join(folder, 'elsewhere')))
})

test('a missing flock says so', async () => {
  const path = process.env['PATH']
  process.env['PATH'] = folder
  try {
    await assert.rejects(
      lockDataDir(join(folder, 'no-flock')),
      refused('data_dir_not_writable', /flock cannot be run/),
    )
  } finally {
    process.env['PATH'] = path
  }
})

test('somebody else’s folder is refused', { skip: process.geteuid?.() !== 0 && 'needs root' }, async () => {
  const path = join(folder, 'foreign')
  await fs.mkdir(path, { mode: 0o700 })
  await fs.chown(path, 65534, 65534)
  await assert.rejects(lockDataDir(path), refused('data_dir_not_writable', /belongs to user 65534/))
})
