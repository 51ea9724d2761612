import assert from 'node:assert/strict'
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { AgentRig, assertAddsUp } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'

/** A rig whose agent has run once, with a dead letter, and something precious that links will lead to. */
async function usedRig(context: TestContext): Promise<{ rig: AgentRig; target: string; outside: string }> {
  const rig = await AgentRig.open(context)
  rig.append('{"n":1}\n{"n":{"x":1}}\n')
  assert.equal((await rig.once()).code, 1)
  const outside = join(rig.folder, 'outside')
  mkdirSync(outside)
  const target = join(outside, 'target')
  writeFileSync(target, 'precious')
  return { rig, target, outside }
}

function replaceByLink(path: string, target: string): void {
  rmSync(path, { recursive: true, force: true })
  symlinkSync(target, path)
}

const segmentsOf = (rig: AgentRig): string[] =>
  readdirSync(join(rig.dataDir, 'buffer'))
    .filter((name) => name.endsWith('.seg'))
    .map((name) => join(rig.dataDir, 'buffer', name))

describe('links in data_dir', () => {
  it('SEC-SYMLINK: one in place of a folder, the lock or the key is refused by its path, and nothing is made where it leads', async (context) => {
    const { rig, target, outside } = await usedRig(context)
    for (const name of ['lock', 'redact.key', 'buffer', 'cursors', 'dead_letters', 'dead_letters/es']) {
      const path = join(rig.dataDir, name)
      renameSync(path, join(rig.folder, 'aside'))
      symlinkSync(statSync(join(rig.folder, 'aside')).isDirectory() ? outside : target, path)
      const { code, stderr } = await rig.once()
      assert.equal(code, 1)
      assert.ok(stderr.includes(`data_dir ${rig.dataDir} cannot be used: ${path} is a link`), stderr)
      assert.deepEqual([readdirSync(outside), readFileSync(target, 'utf8')], [['target'], 'precious'])
      rmSync(path)
      renameSync(join(rig.folder, 'aside'), path)
    }
  })

  const written: Readonly<Record<string, (rig: AgentRig) => readonly string[]>> = {
    'a cursor': (rig) => [join(rig.dataDir, 'cursors/es.cursor')],
    'the segments': segmentsOf,
    'the next segments': (rig) =>
      [2, 3, 4, 5].map((number) => join(rig.dataDir, 'buffer', `${String(number).padStart(12, '0')}.seg`)),
    'a file of dead letters': (rig) => [join(rig.dataDir, 'dead_letters/es/001.ndjson')],
  }
  for (const [what, paths] of Object.entries(written))
    it(`SEC-SYMLINK: in place of ${what} it is not followed, and the agent starts and ships`, async (context) => {
      const { rig, target, outside } = await usedRig(context)
      for (const path of paths(rig)) replaceByLink(path, target)
      rig.append('{"n":2}\n')
      const agent = await rig.start()
      await until(() => rig.documents().some((text) => text.includes('"n":2')), 'the new event arrives')
      assertAddsUp(await rig.status(agent))
      agent.child.kill('SIGTERM')
      assert.equal((await agent.exited).code, 0)
      assert.doesNotMatch(agent.stderr, /bug of the agent/)
      assert.deepEqual([readdirSync(outside), readFileSync(target, 'utf8')], [['target'], 'precious'])
    })

  for (const [kind, link] of [
    ['SEC-SYMLINK: a link', symlinkSync],
    ['SEC-HARDLINK: a hard link', linkSync],
  ] as const)
    it(`${kind} under the name of a cursor to be is taken away, and what it leads to stays`, async (context) => {
      const { rig, target } = await usedRig(context)
      rmSync(join(rig.dataDir, 'cursors/es.cursor'))
      link(target, join(rig.dataDir, 'cursors/es.cursor.new'))
      rig.append('{"n":2}\n')
      const agent = await rig.start()
      await until(() => rig.documents().some((text) => text.includes('"n":2')), 'the new event arrives')
      agent.child.kill('SIGTERM')
      assert.equal((await agent.exited).code, 0, agent.stderr)
      assert.ok(lstatSync(join(rig.dataDir, 'cursors/es.cursor')).isFile())
      assert.deepEqual([readFileSync(target, 'utf8'), statSync(target).nlink], ['precious', 1])
    })

  it('a hard link under the name of a segment is set aside, and the file that it shares stays', async (context) => {
    const { rig, target } = await usedRig(context)
    for (const path of segmentsOf(rig)) {
      rmSync(path)
      linkSync(target, path)
    }
    rig.append('{"n":2}\n')
    await rig.once()
    assert.ok(rig.documents().some((text) => text.includes('"n":2')))
    assert.equal(readFileSync(target, 'utf8'), 'precious')
  })
})

describe('modes in data_dir', () => {
  it('SEC-PERM: a data_dir that was there with a mode of its own has 700 from the start on', async (context) => {
    const rig = await AgentRig.open(context)
    mkdirSync(rig.dataDir)
    for (const mode of [0o755, 0o770, 0o2775]) {
      chmodSync(rig.dataDir, mode)
      assert.equal((await rig.once()).code, 0)
      assert.equal(statSync(rig.dataDir).mode & 0o777, 0o700, mode.toString(8))
    }
  })

  it('SEC-PERM: a file in it that the agent may not use is told by its path, not as a bug', async (context) => {
    const { rig } = await usedRig(context)
    const path = join(rig.dataDir, 'cursors/es.cursor')
    rmSync(path)
    mkdirSync(path)
    const { code, stderr } = await rig.once()
    assert.equal(code, 1)
    assert.match(stderr, /data_dir \S+ cannot be used: EISDIR\b.*es\.cursor/)
    assert.doesNotMatch(stderr, /bug of the agent/)
  })
})

describe('links in log folders', () => {
  it('SEC-SYMLINK: what leads out of the include is not read, by links, by links to links, by folders; and is named', async (context) => {
    const rig = await AgentRig.open(context)
    rig.configure({ sources: { app: rig.fileSource('**/*.log') } })
    const secret = join(rig.folder, 'shadow')
    writeFileSync(secret, 'root:$6$hash:\n')
    mkdirSync(join(rig.folder, 'private'))
    const hidden = join(rig.folder, 'private/a.log')
    writeFileSync(hidden, 'root:$6$hash:\n')
    symlinkSync(secret, join(rig.logs, 'direct.log'))
    symlinkSync('../shadow', join(rig.logs, 'relative.log'))
    symlinkSync('direct.log', join(rig.logs, 'again.log'))
    symlinkSync(join(rig.folder, 'private'), join(rig.logs, 'folder'))
    symlinkSync('loop.log', join(rig.logs, 'loop.log'))
    symlinkSync('/proc/self/environ', join(rig.logs, 'environ.log'))
    symlinkSync('/dev/zero', join(rig.logs, 'zero.log'))
    rig.write(3, { name: 'sub/target.log' })
    symlinkSync('sub/target.log', join(rig.logs, 'inside.log'))
    const agent = await rig.start()
    await rig.arrived(3)
    // One warning for each place that they lead to: those of one kind are told together.
    for (const reason of [`leads to ${secret},`, 'leads to /proc/', 'is not a regular file', '(ELOOP)'])
      await until(() => agent.stderr.includes(reason), `a warning says: ${reason}`)
    // Switched while the agent follows it: the name is the same, the file is not.
    rmSync(join(rig.logs, 'inside.log'))
    symlinkSync(hidden, join(rig.logs, 'inside.log'))
    await until(() => agent.stderr.includes(`leads to ${hidden},`), 'the switched link is named')
    rig.write(1, { name: 'sub/target.log' })
    await rig.arrived(4)
    agent.child.kill('SIGTERM')
    await agent.exited
    assert.equal(rig.documents().length, 4)
    assert.ok(!rig.documents().some((text) => text.includes('$6$hash')))
  })
})
