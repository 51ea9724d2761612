import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import { nothingWrong, tally } from '../support/tally.ts'
import { AgentRig } from '../support/agent-rig.ts'
import { makeReadOnly } from '../support/mount.ts'

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))

describe('two agents on one data_dir', () => {
  it('the second exits 1 and names the path, by whatever name it came; the first is undisturbed', async (context) => {
    const rig = await AgentRig.open(context)
    rig.write(10)
    const first = await rig.start()
    await rig.arrived(10)
    const second = await rig.once()
    assert.equal(second.code, 1)
    assert.ok(second.stderr.includes(`data_dir ${rig.dataDir} is in use by another agent`), second.stderr)
    symlinkSync(rig.dataDir, join(rig.folder, 'link'))
    rig.configure({ data_dir: './link' })
    assert.match((await rig.once()).stderr, /link is in use by another agent/)
    rig.write(10)
    await rig.arrived(20)
    assert.equal(first.child.exitCode, null)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })

  it('after kill -9 of the first the second starts at once and goes on', async (context) => {
    const rig = await AgentRig.open(context)
    rig.write(10)
    const first = await rig.start()
    await rig.arrived(10)
    await first.kill('SIGKILL')
    rig.write(10)
    const second = await rig.once()
    assert.equal(second.code, 0, second.stderr)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })
})

describe('a data_dir that cannot be used ends with status 1 and says why', () => {
  it('a file, a folder that all may write to, a folder below a file', async (context) => {
    const rig = await AgentRig.open(context)
    const file = join(rig.folder, 'file')
    writeFileSync(file, 'mine')
    const open = join(rig.folder, 'open')
    mkdirSync(open)
    chmodSync(open, 0o777)
    const cases: readonly (readonly [path: string, reason: RegExp])[] = [
      [file, /cannot be used: it is not a folder/],
      [open, /cannot be used: everybody can write in it/],
      [join(file, 'below'), /cannot be used: a part of the path is not a folder/],
    ]
    for (const [path, reason] of cases) {
      rig.configure({ data_dir: path })
      const { code, stderr } = await rig.once()
      assert.equal(code, 1, stderr)
      assert.ok(stderr.includes(`data_dir ${path} `), stderr)
      assert.match(stderr, reason)
    }
    assert.equal(readFileSync(file, 'utf8'), 'mine')
    assert.deepEqual(readdirSync(open), [])
  })

  it('a disk that is mounted read-only, before the first start and after it', async (context) => {
    const rig = await AgentRig.open(context)
    if (!rig.mountDataDir(8 * 1024 ** 2)) return context.skip('mount is not permitted here')
    rig.write(10)
    makeReadOnly(rig.dataDir)
    const { code, stderr } = await rig.once()
    assert.equal(code, 1, stderr)
    assert.ok(
      stderr.includes(`data_dir ${rig.dataDir} cannot be used: the disk is mounted read-only`),
      stderr,
    )
    assert.equal(rig.documents().length, 0)
  })

  it("another user's", async (context) => {
    const rig = await AgentRig.open(context)
    chmodSync(rig.folder, 0o755)
    mkdirSync(rig.dataDir, { mode: 0o755 })
    const main = new URL('../../src/main.js', import.meta.url).pathname
    const asNobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, main]
    if (process.geteuid?.() !== 0 || spawnSync('setpriv', [...asNobody, '--version']).status !== 0)
      return context.skip('needs root, setpriv, and a checkout that others can read')
    const run = (): ReturnType<typeof spawnSync> =>
      spawnSync('setpriv', [...asNobody, 'run', '--once', '-c', rig.configPath], { encoding: 'utf8' })
    const foreign = run()
    assert.equal(foreign.status, 1, String(foreign.stderr))
    assert.match(
      String(foreign.stderr),
      /cannot be used: it belongs to user 0, and the agent runs as user 65534/,
    )
    rig.configure({ data_dir: join(rig.folder, 'not', 'there') })
    const missing = run()
    assert.equal(missing.status, 1, String(missing.stderr))
    assert.match(String(missing.stderr), /data_dir \S*\/not\/there cannot be used: no permission/)
  })
})

describe('the admin port', () => {
  it('in use ends with status 1, naming port and key, and leaves the data_dir free', async (context) => {
    const rig = await AgentRig.open(context)
    const server = createServer()
    context.after(() => server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address!.port : 0
    rig.configure({ admin: { listen: `127.0.0.1:${port}` } })
    rig.write(5)
    const agent = rig.spawn()
    assert.equal((await agent.exited).code, 1, agent.stderr)
    assert.ok(agent.stderr.includes(`port ${port} (admin.listen, 127.0.0.1:${port}) is in use`), agent.stderr)
    rig.configure({ admin: { listen: '127.0.0.1:0' } })
    assert.equal((await rig.once()).code, 0)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })
})

describe('what a newer version wrote', () => {
  for (const what of ['segment', 'cursor'] as const) {
    it(`a ${what} of a newer format ends with status 1 and is left as it is`, async (context) => {
      const rig = await AgentRig.open(context)
      rig.write(10)
      assert.equal((await rig.once()).code, 0)
      const suffix = what === 'segment' ? '.seg' : '.cursor'
      const path = filesBelow(rig.dataDir).findLast((name) => name.endsWith(suffix))!
      const bytes = readFileSync(path)
      if (what === 'segment') raiseSegmentVersion(bytes)
      else raiseCursorVersion(bytes)
      writeFileSync(path, bytes)
      const { code, stderr } = await rig.once()
      assert.equal(code, 1, stderr)
      assert.match(stderr, /was written by a newer version: \S+ has format 7, this version knows 1/)
      assert.ok(stderr.includes(rig.dataDir), stderr)
      assert.ok(readFileSync(path).equals(bytes))
    })
  }
})

describe('what lies in data_dir', () => {
  it('is for its owner alone, whatever the umask', async (context) => {
    const rig = await AgentRig.open(context)
    rig.append('{"n":1}\n{"n":{"x":1}}\n')
    const before = process.umask(0)
    try {
      assert.equal((await rig.once()).code, 1)
    } finally {
      process.umask(before)
    }
    const kinds = filesBelow(rig.dataDir)
    for (const suffix of ['lock', '.seg', '.cursor', '.ndjson'])
      assert.ok(
        kinds.some((path) => path.endsWith(suffix)),
        suffix,
      )
    for (const path of [rig.dataDir, ...kinds]) {
      const stats = statSync(path)
      assert.equal(stats.mode & 0o777, stats.isDirectory() ? 0o700 : 0o600, path)
    }
  })
})

/** Format 7 in the preamble, its checksum put right: docs/buffer-format.md has the places. */
function raiseSegmentVersion(bytes: Buffer): void {
  bytes.writeUInt16LE(7, 8)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
}

function raiseCursorVersion(bytes: Buffer): void {
  for (const start of [0, 8 * 1024 ** 2]) {
    if (bytes.length < start + 32) continue
    const slot = bytes.subarray(start)
    const body = slot.subarray(32, 32 + slot.readUInt32LE(20))
    slot.writeUInt16LE(7, 8)
    slot.writeUInt32LE(crc32(body, crc32(slot.subarray(0, 28))), 28)
  }
}
