import assert from 'node:assert/strict'
import { lstatSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { configText } from '../../../src/cli/init/config-text.ts'
import type { ConfigParts } from '../../../src/cli/init/config-text.ts'
import { lookForSinks } from '../../../src/cli/init/look-for-sinks.ts'
import type { FoundSink } from '../../../src/cli/init/look-for-sinks.ts'
import { surveyFiles } from '../../../src/cli/doctor/survey.ts'
import { lookForSources } from '../../../src/cli/init/places.ts'
import { configFolder } from '../../config/config-file.ts'
import { say } from '../fake-io.ts'
import { FakeHost } from '../host/fake-host.ts'
import type { FakeFile, FakeHostOptions } from '../host/fake-host.ts'

const access = '127.0.0.1 - - [27/Nov/2026:08:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "curl"\n'.repeat(3)
const java = `2026-11-27 08:00:00 ERROR [main] Foo - boom\njava.lang.RuntimeException: x\n\tat a.C(D.java:1)\n\tat a.C(D.java:2)\n\tat a.C(D.java:3)\n`
const cri = '2026-11-27T08:00:00.1Z stdout F {"msg":"hi"}\n'

async function look(files: Record<string, string | FakeFile>, options: FakeHostOptions = {}) {
  return lookForSources(new FakeHost(files, options), '/home/me', '/home/me/shop')
}

const parts = (found: Awaited<ReturnType<typeof look>>, sinks: readonly FoundSink[] = []): ConfigParts => ({
  path: '/etc/logferry/agent.config.json',
  hostName: 'h',
  userName: 'me',
  date: '2026-11-27',
  dataDir: '/var/lib/logferry',
  bufferBytes: undefined,
  freeBytes: 1e9,
  authorityFile: '/etc/elasticsearch/certs/http_ca.crt',
  sinks,
  ...found,
})

describe('what init finds', () => {
  it('programs by their folders, the host itself, containers, and nothing that is no log', async () => {
    const { sources, notes } = await look({
      '/var/log/nginx/access.log': access,
      '/var/log/nginx/access.log.1': access,
      '/var/log/nginx/error.log': '',
      '/var/log/shop/deep/er/a.log': '{"msg":"a"}\n{"msg":"b"}\n',
      '/var/log/mysql/slow_log': 'x\n',
      '/var/log/shop/top.log': '{"msg":"a"}\n',
      '/var/log/java/server.log': java.repeat(2),
      '/var/log/old/a.log': { text: 'x\n', ageMs: 200 * 86_400_000 },
      '/var/log/wtmp': 'a\0b',
      '/var/log/bin/blob.log': 'a\0b',
      '/var/log/journal/x.journal': 'x',
      '/var/log/syslog': 'Nov 27 08:00:00 h sshd[1]: ok\n',
      '/var/log/kern.log': 'Nov 27 08:00:00 h kernel: ok\n',
      '/var/log/auth.log': 'Nov 27 08:00:00 h sshd[1]: ok\n',
      '/var/log/pods/ns_pod_uid/app/0.log': cri.repeat(3),
      '/home/me/shop/logs/dev.log': 'x\n',
    })
    const shown = sources.map(({ name, include, files }) => [
      name,
      include.join(' '),
      files.map(({ format }) => format?.name).join(' '),
    ])
    assert.deepEqual(shown, [
      ['pods', '/var/log/pods/*/*/*.log', 'cri+json'],
      ['nginx', '/var/log/nginx/*.log', 'nginx empty'],
      ['shop', '/var/log/shop/**/*.log', 'json json'],
      ['mysql', '/var/log/mysql/slow_log', 'plain text'],
      ['java', '/var/log/java/*.log', 'plain text'],
      ['shop-2', '/home/me/shop/logs/*.log', 'plain text'],
      ['system', '/var/log/*.log /var/log/syslog', 'syslog syslog'],
    ])
    assert.equal(sources.find(({ name }) => name === 'java')!.files[0]!.format!.multiline, 'java')
    assert.deepEqual(sources.at(-1)!.exclude, ['/var/log/kern.log'])
    assert.deepEqual(notes, ['left out, as nothing was written there for 90 days: /var/log/old'])
  })

  it('what may not be read, and a host with a journal alone', async () => {
    const { sources, notes } = await look({
      '/var/log/app/a.log': { text: 'x\n', mode: 0o600 },
      '/var/log/secret/': { mode: 0o700 },
      '/run/systemd/journal/': {},
    })
    assert.deepEqual(
      sources.map(({ name, closed, files }) => [name, closed, files[0]?.format]),
      [
        ['app', undefined, undefined],
        ['secret', 'EACCES', undefined],
      ],
    )
    assert.match(notes[0]!, /journal alone/)
  })
})

describe('the config that init makes', () => {
  const valid = async (test: TestContext, text: string, env: Record<string, string> = {}) => {
    const { load } = await configFolder(test)
    return load(text, env)
  }
  const sink = (
    type: FoundSink['type'],
    state: FoundSink['state'],
    more: Partial<FoundSink> = {},
  ): FoundSink => ({
    type,
    state,
    address: type === 'loki' ? 'http://127.0.0.1:3100' : 'http://127.0.0.1:9200',
    text: 'said so',
    isTls: false,
    ...more,
  })

  it('is valid whatever was found, and without a server prints', async (test) => {
    const found = await look({ '/var/log/app/a.log': java.repeat(2), '/var/log/pods/a_b_c/d/0.log': cri })
    for (const state of ['open', 'closed', 'absent'] as const) {
      const { config, warnings } = await valid(
        test,
        configText(parts(found, [sink('elasticsearch', state), sink('loki', state)])),
      )
      assert.deepEqual(Object.keys(config.sinks), state === 'open' ? ['es', 'loki'] : ['screen'])
      assert.deepEqual(warnings, [])
      assert.match(JSON.stringify(config.sources['app']!.multiline), /"preset":"java"/)
    }
    const none = await valid(test, configText(parts({ sources: [], notes: [] })))
    assert.deepEqual(Object.keys(none.config.sources), ['app'])
  })

  it('whose closed blocks are right once their comment marks are gone', async (test) => {
    const text = configText(
      parts(await look({}), [
        sink('elasticsearch', 'closed', { address: 'https://127.0.0.1:9200', isTls: true }),
        sink('loki', 'closed', { text: '401 (no org id)' }),
      ]),
    )
    const opened = text
      .replaceAll(/^ *(?:\/\*|\*\/)$/gm, '')
      .replace('${file:/etc/logferry/es_api_key}', 'key')
      .replace(/"tls": .*/, '')
    const { config } = await valid(test, opened)
    assert.deepEqual(Object.keys(config.sinks), ['screen', 'es', 'loki'])
    assert.equal(config.sinks['loki']!['tenant'], 'team-a')
  })

  it('is not led astray by names of files', async (test) => {
    const found = await look({ '/var/log/a"b\n*/ {}/x*/y.log': 'x\n', '/var/log/Ä{1}/z.log': 'x\n' })
    const { config } = await valid(
      test,
      configText(parts(found, [sink('loki', 'closed', { text: 'no */ "x": 1' })])),
    )
    assert.equal(Object.keys(config.sources).length, 2)
  })

  it('reads a folder whose name means something in a pattern or a config as it is called', async (test) => {
    const found = await look({
      '/srv/a ${NOPE} [b]/logs/x.log': 'x\n',
      '/srv/a ${NOPE} [b]/logs/{c,d}*': 'x\n',
      '/srv/$$HOME/log/': { mode: 0o700 },
    })
    const { config } = await valid(test, configText(parts(found)))
    const [open, closed] = ['a-nope-b', 'home'].map((name) => config.sources[name]!)
    const { filter } = (await surveyFiles(new FakeHost({}).fileSystem, config)).sources[0]!
    const paths = ['/srv/a ${NOPE} [b]/logs/x.log', '/srv/a ${NOPE} [b]/logs/{c,d}*']
    const others = ['/srv/a ${NOPE} b/logs/x.log', '/srv/a ${NOPE} [b]/logs/c1']
    assert.deepEqual(
      [...paths, ...others].map((path) => filter.matches(path)),
      [true, true, false, false],
    )
    assert.deepEqual(open!['fields'], { service: 'a ${NOPE} [b]' })
    assert.deepEqual(closed!['include'], ['/srv/$$HOME/log/*.log'])
  })
})

describe('servers that init looks for', () => {
  const probing =
    (answers: Record<string, string | Error>) =>
    (_type: string, settings: Readonly<Record<string, unknown>>) => {
      const url = String(settings['url'] ?? (Array.isArray(settings['nodes']) ? settings['nodes'][0] : ''))
      const answer = answers[url] ?? new Error('connect ECONNREFUSED')
      return Promise.resolve(
        typeof answer === 'string'
          ? { isReached: true, text: answer }
          : { isReached: false, text: answer.message },
      )
    }
  const states = async (answers: Record<string, string | Error>, env: Record<string, string> = {}) =>
    (await lookForSinks(env, probing(answers))).map(
      ({ type, state, address }) => `${type} ${state} ${address}`,
    )

  it('open ones, ones that want a password or TLS, and none', async () => {
    assert.deepEqual(await states({}), [
      'elasticsearch absent http://127.0.0.1:9200',
      'loki absent http://127.0.0.1:3100',
    ])
    assert.deepEqual(
      await states({
        'http://127.0.0.1:9200': 'OpenSearch 3.8.0',
        'http://127.0.0.1:3100': 'Loki 3.7.8 takes pushes',
      }),
      ['elasticsearch open http://127.0.0.1:9200', 'loki open http://127.0.0.1:3100'],
    )
    assert.deepEqual(
      await states({
        'http://127.0.0.1:9200': new Error('other side closed, look whether it speaks TLS'),
        'https://127.0.0.1:9200': new Error('the credentials in auth are refused (401)'),
      }),
      ['elasticsearch closed https://127.0.0.1:9200', 'loki absent http://127.0.0.1:3100'],
    )
    assert.deepEqual(
      await states({
        'http://127.0.0.1:9200': 'the server answers, but not like Elasticsearch or OpenSearch',
      }),
      ['elasticsearch absent http://127.0.0.1:9200', 'loki absent http://127.0.0.1:3100'],
    )
  })

  it('of the environment, whose passwords are neither written nor said', async () => {
    const url = 'https://me:hunter2@es.example:9200'
    const [es] = await lookForSinks({ ES_URL: url }, probing({ [url]: new Error('no way, hunter2') }))
    assert.deepEqual([es!.address, es!.state, es!.text], ['${ES_URL}', 'closed', 'no way, [redacted]'])
  })

  it('with $ES_API_KEY where the environment names the server, and not whoever listens on this host', async () => {
    const sent: unknown[] = []
    const refuses = (_: string, { auth }: Readonly<Record<string, unknown>>) => {
      sent.push(auth)
      return Promise.resolve({ isReached: false, text: 'the credentials in auth are refused (401)' })
    }
    const env = { ES_API_KEY: 'hunter2' }
    const [local] = await lookForSinks(env, refuses)
    assert.deepEqual(
      [sent, local!.state, local!.apiKeyVariable],
      [[undefined, undefined], 'closed', 'ES_API_KEY'],
    )
    await lookForSinks({ ...env, ES_URL: 'http://es.example:9200' }, refuses)
    assert.deepEqual(sent.slice(2), [{ api_key: 'hunter2' }, undefined])
    const [open] = await lookForSinks(env, probing({ 'http://127.0.0.1:9200': 'OpenSearch 3.8.0' }))
    assert.deepEqual([open!.state, open!.apiKeyVariable], ['open', undefined])
  })
})

describe('logferry init', () => {
  async function loki(test: TestContext): Promise<string> {
    const server = createServer((request, response) => {
      response.statusCode = request.method === 'POST' ? 422 : 200
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    test.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  }

  it('writes a config that validate takes, once, and never over another without --force', async (test) => {
    const { folder } = await configFolder(test)
    const path = join(folder, 'agent.config.json')
    const env = { LOKI_URL: await loki(test), ES_URL: 'http://127.0.0.1:1' }
    const first = await say(['init', '-c', path], { env })
    assert.deepEqual([first.status, first.stderr], [0, ''])
    assert.match(first.stdout, new RegExp(`^Wrote ${path}$`, 'm'))
    assert.match(first.stdout, /^ {2}logferry doctor -c /m)
    assert.equal(statSync(path).mode & 0o777, 0o640)
    assert.equal((await say(['validate', '-c', path])).status, 0)
    writeFileSync(path, 'mine')
    const second = await say(['init', '-c', path], { env })
    assert.deepEqual([second.status, second.stdout], [1, ''])
    assert.match(second.stderr, /is there already; nothing was written\nWith --force it is replaced/)
    assert.equal(readFileSync(path, 'utf8'), 'mine')
    const third = await say(['init', '-c', path, '--force', '--json'], { env })
    const { written, kept, sinks } = JSON.parse(third.stdout)
    assert.deepEqual([written, kept, sinks[1].state], [true, `${path}.old`, 'open'])
    assert.equal(readFileSync(`${path}.old`, 'utf8'), 'mine')
  })

  it('--force writes through no link that waits under the name of the old config', async (test) => {
    const { folder } = await configFolder(test)
    const [path, precious] = [join(folder, 'agent.config.json'), join(folder, 'precious')]
    writeFileSync(path, 'mine', { mode: 0o600 })
    writeFileSync(precious, 'precious', { mode: 0o644 })
    symlinkSync(precious, `${path}.old`)
    const env = { LOKI_URL: 'http://127.0.0.1:1', ES_URL: 'http://127.0.0.1:1' }
    const { status, stderr } = await say(['init', '-c', path, '--force'], { env })
    assert.deepEqual([status, stderr], [0, ''])
    assert.equal(readFileSync(precious, 'utf8'), 'precious')
    assert.equal(statSync(precious).mode & 0o777, 0o644)
    assert.equal(readFileSync(`${path}.old`, 'utf8'), 'mine')
    assert.equal(lstatSync(`${path}.old`).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(folder).toSorted(), [
      'agent.config.json',
      'agent.config.json.old',
      'precious',
    ])
  })

  it('--print writes nothing; a folder that is not there is said', async (test) => {
    const { folder } = await configFolder(test)
    const path = join(folder, 'nowhere/agent.config.json')
    const env = { LOKI_URL: 'http://127.0.0.1:1', ES_URL: 'http://127.0.0.1:1' }
    const printed = await say(['init', '-c', path, '--print'], { env })
    assert.equal(printed.status, 0)
    assert.match(printed.stdout, /^\{\n {2}\/\/ Written by `logferry init`/)
    const { status, stderr } = await say(['init', '-c', path], { env })
    assert.equal(status, 1)
    assert.match(stderr, /cannot write .*nowhere\/agent\.config\.json: no such file/)
  })
})
