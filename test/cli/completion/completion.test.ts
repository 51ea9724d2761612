import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadCommands } from '../../../src/cli/cli.ts'
import { configFolder, minimal } from '../../config/config-file.ts'
import { say } from '../fake-io.ts'

const entry = fileURLToPath(new URL('../../../src/main.js', import.meta.url))
const shells = ['bash', 'zsh', 'fish'] as const
const missing = (shell: string): string | false =>
  spawnSync(shell, ['--version']).error !== undefined && `${shell} is not on this machine`

/** A folder with `logferry`, a config, and the script of a shell. */
async function place(test: TestContext, shell: string): Promise<string> {
  const { folder, write } = await configFolder(test)
  const config = minimal({ sinks: { screen: { type: 'console' }, 'es-1': { type: 'console' } } })
  await write('agent.config.json', JSON.stringify(config))
  await write('other.json', '{ "sources": { "web": {}, "db": { "broken": }, }, "sinks": {}')
  const program = join(folder, 'logferry')
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`)
  chmodSync(program, 0o755)
  await write(`script.${shell}`, (await say(['completion', shell])).stdout)
  return folder
}

const run = (shell: string, folder: string, code: string): string => {
  const env = { PATH: `${folder}:${process.env['PATH']}`, HOME: folder, LANG: 'C' }
  const { stdout, stderr, status } = spawnSync(shell, ['-c', code], { cwd: folder, env, encoding: 'utf8' })
  assert.deepEqual([status, stderr], [0, ''], code)
  return stdout
}

describe('completion in bash', { skip: missing('bash') }, () => {
  it('of commands, members, options, files, and names of the config', async (test) => {
    const folder = await place(test, 'bash')
    const complete = (...words: string[]): string[] => {
      const quoted = words.map((word) => `'${word}'`).join(' ')
      const code = `. ./script.bash; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _logferry; printf '%s\\n' "\${COMPREPLY[@]}"`
      return run('bash', folder, code)
        .split('\n')
        .filter((word) => word !== '')
        .sort()
    }
    assert.deepEqual(complete('logferry', 'va'), ['validate'])
    assert.deepEqual(complete('logferry', 'dlq', ''), ['ls', 'purge', 'replay', 'show'])
    assert.deepEqual(complete('logferry', 'dlq', 'purge', '--s'), ['--sink', '--source'])
    assert.deepEqual(complete('logferry', 'dlq', 'ls', '--s'), [])
    assert.deepEqual(complete('logferry', 'run', '--'), ['--config', '--help', '--once', '--timeout'])
    assert.deepEqual(complete('logferry', 'validate', '-c', 'agent'), ['agent.config.json'])
    assert.deepEqual(complete('logferry', 'test', '--sink', ''), ['es-1', 'screen'])
    assert.deepEqual(complete('logferry', 'tap', '-c', 'other.json', '--source', ''), ['db', 'web'])
    assert.deepEqual(complete('logferry', 'tap', '-c', 'nowhere.json', '--source', ''), [])
    assert.deepEqual(complete('logferry', 'run', '--timeout', ''), [])
    writeFileSync(join(folder, 'my own.json'), '')
    assert.deepEqual(complete('logferry', 'run', '-c', 'my'), ['my own.json'])
    assert.deepEqual(complete('logferry', 'tap', '-c', '~/other.json', '--source', ''), ['db', 'web'])
    assert.deepEqual(complete('logferry', 'completion', ''), ['bash', 'fish', 'zsh'])
    assert.deepEqual(complete('logferry', 'help', 'do'), ['doctor'])
    assert.match(run('bash', folder, '. ./script.bash; complete -p logferry'), /-F _logferry logferry/)
  })
})

describe('completion in fish', { skip: missing('fish') }, () => {
  it('of commands, members, options, files, and names of the config', async (test) => {
    const folder = await place(test, 'fish')
    const complete = (line: string): string[] =>
      run('fish', folder, `source script.fish; complete -C '${line}'`)
        .split('\n')
        .map((one) => one.split('\t')[0]!)
        .filter((word) => word !== '')
        .sort()
    assert.deepEqual(complete('logferry do'), ['doctor'])
    assert.deepEqual(complete('logferry dlq '), ['ls', 'purge', 'replay', 'show'])
    assert.deepEqual(complete('logferry dlq purge --so'), ['--source'])
    assert.deepEqual(complete('logferry test --sink '), ['es-1', 'screen'])
    assert.deepEqual(complete('logferry tap -c other.json --source '), ['db', 'web'])
    assert.deepEqual(complete('logferry validate -c agent'), ['agent.config.json'])
  })
})

describe('completion in zsh', { skip: missing('zsh') }, () => {
  it('loads behind compinit, and is the completion of logferry', async (test) => {
    const folder = await place(test, 'zsh')
    const code = 'autoload -U compinit; compinit -u -D; source ./script.zsh; print -r -- $_comps[logferry]'
    assert.equal(run('zsh', folder, code), '_logferry\n')
  })

  it('of names runs nothing that stands in the line', async (test) => {
    const folder = await place(test, 'zsh')
    renameSync(join(folder, 'other.json'), join(folder, 'my own.json'))
    const names = (config: string): string[] => {
      const line = `words=(logferry tap -c ${config} --source ''); _logferry_program=logferry; _logferry_names sources`
      const code = `autoload -U compinit; compinit -u -D; source ./script.zsh; compadd() { print -l -- \${(P)2} }; ${line}`
      return run('zsh', folder, code).trim().split('\n')
    }
    assert.deepEqual(names("'$(touch ran)'"), [''])
    assert.deepEqual(names(String.raw`'my\ own.json'`), ['web', 'db'])
    assert.deepEqual(names(String.raw`'~/my\ own.json'`), ['web', 'db'])
    assert.ok(!existsSync(join(folder, 'ran')))
  })
})

describe('the scripts', () => {
  for (const shell of shells)
    it(`for ${shell} know every command and option`, async () => {
      const { status, stdout } = await say(['completion', shell])
      assert.equal(status, 0)
      for (const { name, options } of await loadCommands()) {
        assert.ok(stdout.includes(name), name)
        for (const option of Object.keys(options))
          assert.ok(stdout.includes(shell === 'fish' ? `-l ${option}` : `--${option}`), option)
      }
    })

  it('of a shell that nobody asked for is wrong usage', async () => {
    const { status, stderr } = await say(['completion', 'bsh'])
    assert.equal(status, 2)
    assert.match(stderr, /"bsh", did you mean "bash"\?: completion takes one of bash, zsh, fish/)
    assert.equal((await say(['completion'])).status, 2)
    assert.equal((await say(['completion', 'bash', 'zsh'])).status, 2)
    assert.equal((await say(['completion', '--names', 'x'])).status, 2)
  })
})
