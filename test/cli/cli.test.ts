import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'node:test'
import { loadCommands } from '../../src/cli/cli.ts'
import { unbuiltCommands } from '../../src/cli/unbuilt.ts'
import { version } from '../../src/cli/version.ts'
import { configFolder, minimal } from '../config/config-file.ts'
import { say } from './fake-io.ts'

const commands = await loadCommands()

describe('help and version', () => {
  it('--help lists every command, on stdout, with status 0', async () => {
    for (const words of [['--help'], ['-h'], ['help']]) {
      const { status, stdout, stderr } = await say(words)
      assert.deepEqual([status, stderr], [0, ''])
      for (const { name, summary } of [...commands, ...unbuiltCommands]) {
        assert.ok(stdout.includes(`  ${name} `), name)
        assert.ok(stdout.replaceAll(/\s+/g, ' ').includes(summary), summary)
      }
    }
  })

  it('no command at all is wrong usage that shows the help', async () => {
    const { status, stdout, stderr } = await say([])
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, /^logferry .*\n\nUsage: logferry COMMAND/)
  })

  it('every command explains its options, wherever -h stands', async () => {
    for (const { name, options } of commands) {
      const help = await say([name, '--help'])
      assert.equal(help.status, 0)
      for (const option of Object.keys(options))
        assert.ok(help.stdout.includes(`--${option}`), `${name} --${option}`)
      assert.deepEqual(await say(['help', name]), help)
      assert.deepEqual(await say([name, '-c', 'nowhere', '-h']), help)
    }
  })

  it('no line of the help is wider than a terminal', async () => {
    const texts = await Promise.all(
      [['-h'], ...commands.map(({ name }) => [name, '-h'])].map((words) => say(words)),
    )
    for (const { stdout } of texts) for (const line of stdout.split('\n')) assert.ok(line.length <= 120, line)
  })

  it('--version holds everywhere', async () => {
    assert.match(version, /^\d+\.\d+\.\d+/)
    for (const words of [['--version'], ['run', '--version'], ['explain', '--version']]) {
      assert.deepEqual(await say(words), { status: 0, stdout: `logferry ${version}\n`, stderr: '' })
    }
  })
})

describe('wrong usage ends with status 2 and says what was meant', () => {
  const cases: readonly (readonly [words: readonly string[], stderr: string])[] = [
    [
      ['valdate'],
      'logferry: unknown command "valdate", did you mean "validate"?\n`logferry --help` lists the commands.\n',
    ],
    [['frobnicate'], 'logferry: unknown command "frobnicate"\n`logferry --help` lists the commands.\n'],
    [
      ['--once'],
      'logferry: unknown option "--once", a command comes first\n`logferry COMMAND --help` lists the options.\n',
    ],
    [
      ['run', '--onc'],
      'logferry: unknown option "--onc", did you mean "--once"?\n`logferry run --help` lists the options.\n',
    ],
    [['run', '-x'], 'logferry: unknown option "-x"\n`logferry run --help` lists the options.\n'],
    [
      ['run', 'now'],
      'logferry: "now": run takes no further arguments\n`logferry run --help` shows what it takes.\n',
    ],
    [
      ['run', '--once=yes'],
      'logferry: option --once: takes no value\n`logferry run --help` shows what it takes.\n',
    ],
    [
      ['validate', '-c'],
      'logferry: option -c: needs a value (FILE)\n`logferry validate --help` shows what it takes.\n',
    ],
    [
      ['validate', '--config='],
      'logferry: option --config: needs a value (FILE)\n`logferry validate --help` shows what it takes.\n',
    ],
    [
      ['run', '--timeout', '5s'],
      'logferry: option --timeout: goes together with --once only\n`logferry run --help` shows what it takes.\n',
    ],
    [
      ['run', '--once', '--timeout', 'soon'],
      'logferry: option --timeout: expected a duration such as "30s" or "5m", found "soon"\n`logferry run --help` shows what it takes.\n',
    ],
  ]
  for (const [words, stderr] of cases) {
    it(`logferry ${words.join(' ')}`, async () => {
      assert.deepEqual(await say(words), { status: 2, stdout: '', stderr })
    })
  }

  for (const { name } of unbuiltCommands) {
    it(`logferry ${name} is not built yet, whatever stands behind it`, async () => {
      for (const words of [[name], [name, '--where', 'x', 'y']]) {
        const { status, stdout, stderr } = await say(words)
        assert.deepEqual([status, stdout], [2, ''])
        assert.match(stderr, new RegExp(`^logferry: ${name}: not built yet\n`))
      }
    })
  }
})

describe('where the config is looked for', () => {
  it('-c before $LOGFERRY_CONFIG', async (test) => {
    const folder = await configFolder(test)
    const good = await folder.write('good.json', JSON.stringify(minimal()))
    const bad = await folder.write('bad.json', '{}')
    const env = { LOGFERRY_CONFIG: bad }
    assert.equal((await say(['validate', '-c', good], { env })).status, 0)
    assert.equal((await say(['validate', `--config=${good}`], { env })).status, 0)
    assert.equal((await say(['validate'], { env })).status, 78)
    assert.equal((await say(['validate'], { env: { LOGFERRY_CONFIG: good } })).status, 0)
  })

  it('one that was named and is not there is status 78', async () => {
    const { status, stderr } = await say(['validate', '-c', '/nowhere/a.json'])
    assert.equal(status, 78)
    assert.match(
      stderr,
      /^logferry: \/nowhere\/a\.json: cannot read the config: no such file\nName a file that this user may read/,
    )
  })
})

describe('the process', () => {
  const entry = fileURLToPath(new URL('../../src/main.js', import.meta.url))
  const spawn = (
    args: readonly string[],
    options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
  ) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], {
      encoding: 'utf8',
      input: '',
      ...options,
      env: { PATH: process.env['PATH'], ...options.env },
    })
    return { status, stdout, stderr }
  }

  it('exits 0, 2 and 78, results on stdout and errors on stderr', async (test) => {
    const { folder, write } = await configFolder(test)
    assert.deepEqual(spawn(['--version']), { status: 0, stdout: `logferry ${version}\n`, stderr: '' })
    assert.equal(spawn(['nope']).status, 2)
    await write('agent.config.json', '{ "data_dri": "x" }')
    const wrong = spawn(['validate'], { cwd: folder })
    assert.deepEqual([wrong.status, wrong.stdout], [78, ''])
    assert.match(
      wrong.stderr,
      /^agent\.config\.json:1:3: data_dri: unknown key, did you mean "data_dir"\?\n/m,
    )
    await write('agent.config.json', JSON.stringify(minimal()))
    const right = spawn(['validate'], { cwd: folder })
    assert.deepEqual([right.status, right.stderr], [0, ''])
    assert.match(right.stdout, /^agent\.config\.json is valid\n/)
  })

  it('run with an invalid config exits 78 before it touches data_dir', async (test) => {
    const { folder, write } = await configFolder(test)
    await write('agent.config.json', JSON.stringify(minimal({ data_dir: './data', nope: 1 })))
    const { status, stdout, stderr } = spawn(['run'], { cwd: folder })
    assert.deepEqual([status, stdout], [78, ''])
    assert.match(stderr, /nope: unknown key/)
    const { existsSync } = await import('node:fs')
    assert.equal(existsSync(`${folder}/data`), false)
  })

  it('no config anywhere is status 78', async (test) => {
    const { folder } = await configFolder(test)
    const { status, stderr } = spawn(['validate'], { cwd: folder })
    assert.equal(status, 78)
    assert.match(
      stderr,
      /^logferry: no config file: tried \.\/agent\.config\.json, \/etc\/logferry\/agent\.config\.json\n/,
    )
  })
})
