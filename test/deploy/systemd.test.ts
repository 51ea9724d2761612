import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const unit = readFileSync('systemd/logferry.service', 'utf8')
const systemd = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' }).stdout ?? ''
const version = Number(/^systemd (\d+)/.exec(systemd)?.[1] ?? 0)
const skip = version < 252 && 'needs systemd-analyze 252 or newer'

describe('the unit', () => {
  it('waits longer for a stop than the agent takes by default', () => {
    assert.ok(Number(/^TimeoutStopSec=(\d+)s$/m.exec(unit)?.[1]) > 25)
  })

  it('has nothing that systemd-analyze verify finds fault with', { skip }, () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', 'systemd/logferry.service'], {
      encoding: 'utf8',
    })
    const ours = stderr.split('\n').filter((line) => line.includes('logferry'))
    assert.deepEqual([status, ours], [0, []])
  })

  for (const dropIns of [[], ['credentials.conf'], ['notify-socket.conf']])
    it(
      `is exposed by 2.0 at most${dropIns.map((name) => `, with ${name}`).join('')}`,
      { skip },
      (context) => {
        const root = mkdtempSync(join(tmpdir(), 'logferry-unit-'))
        context.after(() => rmSync(root, { recursive: true, force: true }))
        const units = join(root, 'etc/systemd/system')
        mkdirSync(join(units, 'logferry.service.d'), { recursive: true })
        copyFileSync('systemd/logferry.service', join(units, 'logferry.service'))
        for (const name of dropIns)
          copyFileSync(join('systemd', name), join(units, 'logferry.service.d', name))
        const { stdout, stderr } = spawnSync(
          'systemd-analyze',
          ['security', '--offline=true', `--root=${root}`, '--threshold=20', 'logferry.service'],
          { encoding: 'utf8' },
        )
        const score = Number(/exposure level for logferry\.service: ([\d.]+)/.exec(stdout)?.[1])
        assert.ok(score <= 2, `${score} ${stderr}`)
      },
    )
})
