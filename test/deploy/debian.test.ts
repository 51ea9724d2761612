import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import { configFolder } from '../config/config-file.ts'

// What they do in a Debian is tried by test/real/deb.test.ts.
describe('the files of the .deb', () => {
  it('have a config that is valid as it is, without a warning, and ships to one sink only', async () => {
    const { warnings, config } = await loadConfig('deploy/debian/agent.config.json', {})
    assert.deepEqual([warnings, Object.keys(config.sinks)], [[], ['es']])
  })

  it('have a config whose blocks in comments are valid, too', async (context) => {
    const text = readFileSync('deploy/debian/agent.config.json', 'utf8')
    const { load } = await configFolder(context)
    const { warnings, config } = await load(text.replaceAll(/^ *(?:\/\*|\*\/)\n/gm, ''))
    assert.deepEqual(
      [warnings, Object.keys(config.sources), Object.keys(config.sinks)],
      [[], ['host', 'app'], ['es', 'loki']],
    )
  })

  for (const script of ['postinst', 'prerm', 'postrm'])
    it(`have a ${script} that a shell can read`, () => {
      const { status, stderr } = spawnSync('sh', ['-n', `deploy/debian/${script}`], { encoding: 'utf8' })
      assert.deepEqual([status, stderr], [0, ''])
    })
})
