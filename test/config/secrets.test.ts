import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isSecretPath } from '../../src/config/secrets.ts'
import { Secrets } from '../../src/core/secrets.ts'
import { configFolder, minimal } from './config-file.ts'

const secret = 'hunter2-Zz/+='

function assertSilent(text: string): void {
  assert.ok(!text.includes('hunter2'), `shows the secret: ${text}`)
}

const es = (parts: object): object => ({
  type: 'elasticsearch',
  nodes: ['http://127.0.0.1:1'],
  index: 'a',
  ...parts,
})

describe('an error never shows a secret', () => {
  const wrong: readonly (readonly [what: string, config: string])[] = [
    [
      'under auth, on the line with the error',
      `{"sinks":{"es":{"type":"elasticsearch","auth":{"username":"u","passwrd":"${secret}"}}}}`,
    ],
    ['one level too high', `{"sinks":{"es":{"type":"elasticsearch","password":"${secret}","nodez":1}}}`],
    ['of a wrong type under auth', `{"sinks":{"es":{"type":"elasticsearch","auth":"${secret}"}}}`],
    [
      'as a header value',
      `{"sinks":{"es":{"type":"elasticsearch","headers":{"X-Key":"${secret}\\n"},"nodez":1}}}`,
    ],
    [
      'in user info of a URL',
      `{"sinks":{"es":{"type":"elasticsearch","nodes":["ftp://u:${encodeURIComponent(secret)}@h"],"nodez":1}}}`,
    ],
    ['in a comment', `{"sinks":{}, /* "password": "${secret}" */ "x": 1 // ${secret}\n}`],
    [
      'in a default',
      `{"sinks":{"es":{"type":"elasticsearch","auth":{"api_key":"\${NO_KEY:-${secret}}"},"nodez":1}}}`,
    ],
    ['as an admin token that is too short', `{"admin":{"token":"hunter2"}}`],
    ['after a forgotten quote', `{"sinks":{"es":{"auth":{"username":"u,"password":"${secret}"}}}}`],
    ['after a forgotten comma', `{"sinks":{"es":{"auth":{"username":"u" "password":"${secret}"}}}}`],
    ['after a forgotten colon', `{"sinks":{"es":{"auth":{"username" "u", "password" "${secret}"}}}}`],
    ['in single quotes', `{"sinks":{"es":{"auth":{"username":"u", "password":'${secret}'}}}}`],
    ['without quotes', `{"sinks":{"es":{"auth":{"username":"u", "password": hunter2}}}}`],
    ['with a broken key before', `{"sinks":{"es":{"auth: {"password": "${secret}"}}}}`],
    ['on a line of its own after a broken one', `{"sinks":{"es":{"auth: {\n"password":\n"${secret}"\n}}}}`],
    ['where the colon makes it a key', `{"auth":{"password" "hunter2":"x"}}`],
    ['in an unclosed string', `{"auth":{"password":"hunter2}}`],
    ['with a bad escape', `{"auth":{"password":"hunter2\\q"}}`],
  ]
  for (const [what, config] of wrong) {
    it(what, async (test) => {
      const { complain } = await configFolder(test)
      assertSilent(await complain(config))
    })
  }

  it('that came from a file, wherever it stands', async (test) => {
    const { complain, write } = await configFolder(test)
    await write('secret', `${secret}\n`)
    assertSilent(await complain(minimal({ log: { level: '${file:secret}' }, data_dir: 5 })))
    assertSilent(await complain(minimal({ sinks: { es: es({ id: 'x-${file:secret}' }) } })))
    assertSilent(await complain(minimal({ sinks: { es: es({ index: 'UP-${file:secret}' }) } })))
    assertSilent(await complain(minimal({ sources: { a: { type: '${file:secret}' } } })))
    assertSilent(await complain(minimal({ sources: { a: { type: 'stdin', sinks: ['${file:secret}'] } } })))
  })

  it('that came from the environment into a secret place', async (test) => {
    const { complain } = await configFolder(test)
    const config = minimal({ sinks: { es: es({ auth: { api_key: '${KEY}', pass: '${KEY}' } }) }, nope: 1 })
    assertSilent(await complain(config, { KEY: secret }))
  })
})

describe('what a loaded config shows', () => {
  it('blanks secrets by their place, however short, and leaves the rest', async (test) => {
    const { load, write } = await configFolder(test)
    await write('pw', 'abc')
    const { shown, secrets, config } = await load(
      minimal({
        admin: { token: 'hunter2-token' },
        enrich: { fields: { team: '${file:pw}' } },
        sinks: {
          es: es({
            nodes: ['https://me:hunter2@es.example:9200/x'],
            auth: { username: 'elastic', password: 'pw' },
            headers: { 'X-A': 'b' },
          }),
        },
      }),
    )
    const text = JSON.stringify(shown)
    assertSilent(text)
    for (const part of [
      '"username":"[redacted]"',
      '"password":"[redacted]"',
      '"X-A":"[redacted]"',
      '"team":"[redacted]"',
    ]) {
      assert.ok(text.includes(part), `${part} in ${text}`)
    }
    assert.ok(text.includes('https://[redacted]@es.example:9200/x'), text)
    assert.equal(config.sinks['es']!['auth'] !== undefined, true)
    assertSilent(secrets.redact('GET https://me:hunter2@es.example:9200/x, token hunter2-token'))
  })

  it('a source may be called auth, and a label token', () => {
    assert.equal(isSecretPath(['sources', 'auth', 'include', 0]), false)
    assert.equal(isSecretPath(['sinks', 'loki', 'labels', 'token']), false)
    assert.equal(isSecretPath(['sinks', 'auth', 'auth', 'username']), true)
    assert.equal(isSecretPath(['admin', 'token']), true)
    assert.equal(isSecretPath(['sinks', 'es', 'tls', 'key_file']), false)
  })

  it('knows the forms in which a secret comes back', async (test) => {
    const { load } = await configFolder(test)
    const auth = { username: 'elastic', password: 'p"ss wörd' }
    const { secrets } = await load(minimal({ sinks: { es: es({ auth }) } }))
    const header = `Basic ${Buffer.from('elastic:p"ss wörd').toString('base64')}`
    const said = [header, 'p"ss wörd', JSON.stringify(auth), encodeURIComponent(auth.password)].map((text) =>
      secrets.redact(text),
    )
    assert.deepEqual(said, [
      'Basic [redacted]',
      '[redacted]',
      '{"username":"[redacted]","password":"[redacted]"}',
      '[redacted]',
    ])
  })

  it('a user name is hidden as a word only', async (test) => {
    const { load } = await configFolder(test)
    const { secrets } = await load(
      minimal({ sinks: { es: es({ auth: { username: 'elastic', password: 'long-enough' } }) } }),
    )
    assert.equal(
      secrets.redact('elasticsearch refuses user [elastic]'),
      'elasticsearch refuses user [[redacted]]',
    )
  })
})

describe('Secrets', () => {
  it('hides the longer of two that begin alike, and takes pattern characters as they are', () => {
    const secrets = new Secrets()
    for (const value of ['abcd', 'abcdef', 'a.*c', '$&()']) secrets.add(value)
    assert.equal(
      secrets.redact('abcdef abcd abbc a.*c $&()'),
      '[redacted] [redacted] abbc [redacted] [redacted]',
    )
  })

  it('hides the beginning of one in which a text was cut, and leaves short texts that begin alike', () => {
    const secrets = new Secrets()
    secrets.add('hunter2"long-key')
    const text = 'a server said back what it got, and that was '.repeat(2)
    for (let length = 4; length < 16; length += 1)
      assert.equal(secrets.redact(`${text}${'hunter2"long-key'.slice(0, length)}`), `${text}[redacted]`)
    assert.equal(secrets.redact(`${text}{"key":"hunter2\\"lo`), `${text}{"key":"[redacted]`)
    assert.equal(secrets.redact(`${text}hun`), `${text}hun`)
    assert.equal(secrets.redact('x hunter2"l… (HTTP 400)'), 'x [redacted]… (HTTP 400)')
    assert.equal(secrets.redact('in JSON in JSON: hunter2\\\\\\"long-key'), 'in JSON in JSON: [redacted]')
    assert.equal(secrets.redact('the host hunter2'), 'the host hunter2')
    assert.equal(secrets.redact(`${text}hunter2 and more`), `${text}hunter2 and more`)
  })

  it('hides all of a credential in which a text was cut, not only the password that stands within it', () => {
    const secrets = new Secrets()
    // As the config adds them: the password first. Its base64 stands whole in that of the pair.
    const [password, pair] = ['qwertz-qwertz', 'me:qwertz-qwertz'].map((text) =>
      Buffer.from(text).toString('base64'),
    )
    secrets.add('qwertz-qwertz')
    secrets.add(pair!)
    assert.ok(pair!.includes(password!.slice(0, 8)))
    const text = 'a server said back what it got, and that was '.repeat(2)
    for (let length = 4; length < pair!.length - 1; length += 1)
      assert.equal(secrets.redact(`${text}Basic ${pair!.slice(0, length)}…`), `${text}Basic [redacted]…`)
    // And one that ends as it begins is whole.
    secrets.add('hunter2hunt')
    assert.equal(secrets.redact(`${text}hunter2hunt`), `${text}[redacted]`)
  })

  it('takes user names in JSON for the same, and half a surrogate pair for a text like others', () => {
    const secrets = new Secrets()
    secrets.addName('DOMAIN\\me"')
    secrets.add('\ud800half')
    assert.equal(secrets.redact('{"user":"DOMAIN\\\\me\\""}'), '{"user":"[redacted]"}')
    assert.equal(secrets.redact('x \ud800half'), 'x [redacted]')
  })

  it('leaves a text alone that holds none', () => {
    const secrets = new Secrets()
    assert.equal(secrets.redact('x'), 'x')
    secrets.add('abc')
    assert.equal(secrets.redact('abc'), 'abc')
  })
})
