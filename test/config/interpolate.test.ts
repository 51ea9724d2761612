import assert from 'node:assert/strict'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { configFolder, headlines, minimal } from './config-file.ts'

const withField = (value: string): object => minimal({ enrich: { fields: { x: value } } })

describe('${} in strings', () => {
  const forms: readonly (readonly [text: string, expected: string])[] = [
    ['${NAME}', 'ann'],
    ['a-${NAME}-${NAME}-z', 'a-ann-ann-z'],
    ['${MISSING:-fallback}', 'fallback'],
    ['${EMPTY:-fallback}', 'fallback'],
    ['${EMPTY}', ''],
    ['${NAME:-fallback}', 'ann'],
    ['${MISSING:-}', ''],
    ['${MISSING:-${NAME}}', 'ann'],
    ['${MISSING:-${ALSO:-${NAME}}!}', 'ann!'],
    ['${MISSING:-app-{level}}', 'app-{level}'],
    ['${MISSING:-a:-b}', 'a:-b'],
    ['$$', '$'],
    ['$${NAME}', '${NAME}'],
    ['$$$${NAME}', '$${NAME}'],
    ['$$${NAME}', '$ann'],
    ['cost: 5$', 'cost: 5$'],
    ['^a$|$x', '^a$|$x'],
    ['${DOLLARS}', '${NAME} $$'],
    ['{level}', '{level}'],
  ]
  for (const [text, expected] of forms) {
    it(`${text} becomes ${expected}`, async (test) => {
      const { load } = await configFolder(test)
      const { config } = await load(withField(text), { NAME: 'ann', EMPTY: '', DOLLARS: '${NAME} $$' })
      assert.deepEqual(config.enrich.fields, { x: expected })
    })
  }

  const wrong: readonly (readonly [text: string, message: string])[] = [
    ['${MISSING}', 'environment variable MISSING is not set (${MISSING:-default} gives a default)'],
    ['${MISSING:-${ALSO}}', 'environment variable ALSO is not set (${ALSO:-default} gives a default)'],
    ['${NAME', '"${" without "}" (a literal $ is written $$)'],
    ['${}', 'expected ${NAME}, ${NAME:-default} or ${file:/path} (a literal $ is written $$)'],
    ['${1A}', 'expected ${NAME}, ${NAME:-default} or ${file:/path} (a literal $ is written $$)'],
    ['${NAME-x}', 'expected ${NAME}, ${NAME:-default} or ${file:/path} (a literal $ is written $$)'],
    ['${file:}', '${file:} names no file'],
    ['${file:/nowhere/at/all}', 'cannot read /nowhere/at/all: no such file'],
    ['${file:/dev/zero}', 'cannot read /dev/zero: not a regular file'],
  ]
  for (const [text, message] of wrong) {
    it(`${text} is an error that names the place`, async (test) => {
      const { complain } = await configFolder(test)
      assert.deepEqual(headlines(await complain(withField(text))), [
        `agent.config.json:17:12: enrich.fields.x: ${message}`,
      ])
    })
  }

  it('a missing variable is one error, and the other errors still show', async (test) => {
    const { complain } = await configFolder(test)
    const text = await complain(minimal({ shutdown_timeout: '${T}', dat: 1 }))
    assert.deepEqual(
      headlines(text).map((line) => line.replace(/^[^ ]+ /, '')),
      [
        'shutdown_timeout: environment variable T is not set (${T:-default} gives a default)',
        'dat: unknown key, did you mean "data_dir"?',
      ],
    )
  })

  it('keys are left as they are', async (test) => {
    const { load } = await configFolder(test)
    const { config } = await load(minimal({ enrich: { fields: { '${NAME}': 'x' } } }), { NAME: 'ann' })
    assert.deepEqual(config.enrich.fields, { '${NAME}': 'x' })
  })

  it('a file gives its text without one final newline, and is watched', async (test) => {
    const { folder, load, write } = await configFolder(test)
    await write('one', 'text\n')
    await write('two', 'two\n\n')
    await write('three', 'crlf\r\n')
    await symlink('one', join(folder, 'link'))
    const fields = {
      a: '${file:one}',
      b: '${file:./two}',
      c: `x\${file:${folder}/three}`,
      d: '${file:${NAME}}',
    }
    const { config, files } = await load(minimal({ enrich: { fields } }), { NAME: 'link' })
    assert.deepEqual(config.enrich.fields, { a: 'text', b: 'two\n', c: 'xcrlf', d: 'text' })
    assert.deepEqual(
      files,
      ['agent.config.json', 'one', 'two', 'three', 'link'].map((name) => join(folder, name)),
    )
  })
})

describe('a string that is exactly one ${…}', () => {
  const sinkWith = (parts: object): object => minimal({ sinks: { screen: { type: 'console', ...parts } } })

  it('stands for a number, a boolean, a size and a duration where one is expected', async (test) => {
    const { load } = await configFolder(test)
    const { config } = await load(
      {
        ...sinkWith({ max_in_flight: '${N}', timeout: '${MS}', retry: { min: '${D:-100}' } }),
        buffer: { max_bytes: '${BYTES}', fsync: '${MS}' },
        enrich: { trace: '${NO}', host: '${NO}' },
        admin: '${NO}',
      },
      { N: '7', MS: '2500', BYTES: '16777216', NO: 'false' },
    )
    const { max_in_flight, timeout, retry } = config.sinks['screen']!
    assert.deepEqual(
      { max_in_flight, timeout, min: retry.min },
      { max_in_flight: 7, timeout: 2500, min: 100 },
    )
    assert.deepEqual([config.buffer.max_bytes, config.buffer.fsync], [16_777_216, 2500])
    assert.deepEqual([config.enrich.trace, config.enrich.host, config.admin], [false, false, false])
  })

  it('stays text where text is expected, digits or not', async (test) => {
    const { load } = await configFolder(test)
    const sinks = {
      es: {
        type: 'elasticsearch',
        nodes: ['http://127.0.0.1:1'],
        index: 'a',
        auth: { username: 'u', password: '${P}' },
      },
    }
    const { config } = await load(minimal({ sinks }), { P: '12345678' })
    assert.deepEqual(config.sinks['es']!['auth'], { username: 'u', password: '12345678' })
  })

  it('is no number with anything around it', async (test) => {
    const { complain } = await configFolder(test)
    const text = await complain(sinkWith({ max_in_flight: '${N}0' }), { N: '1' })
    assert.match(text, /sinks\.screen\.max_in_flight: expected a number, found "10"/)
  })

  it('is held to the same bounds', async (test) => {
    const { complain } = await configFolder(test)
    assert.match(
      await complain(sinkWith({ max_in_flight: '${N}' }), { N: '65' }),
      /must be at most 64, found 65/,
    )
    assert.match(
      await complain(sinkWith({ max_in_flight: '${N}' }), { N: 'ten' }),
      /expected a number, found "ten"/,
    )
  })
})
