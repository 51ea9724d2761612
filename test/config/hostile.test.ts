import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { readConfig } from '../../src/config/load.ts'
import type { FileSystem } from '../../src/core/file-system.ts'

/** A disk that holds one text under every name. */
function diskWith(text: string | Uint8Array): FileSystem {
  const bytes = Buffer.from(text)
  const stat = { size: bytes.length, isFile: true }
  const file = {
    stat: () => Promise.resolve(stat),
    read: (target: Uint8Array, start: number, length: number, position: number) =>
      Promise.resolve(bytes.copy(target, start, position, position + length)),
    close: () => Promise.resolve(),
  }
  const disk = { stat: () => Promise.resolve(stat), open: () => Promise.resolve(file) }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that reading a config asks for
  return disk as unknown as FileSystem
}

const secretConfig = `{
  // a comment about hunter0comment
  "admin": { "token": "hunter1token" },
  "sources": { "app": { "type": "file", "include": ["/var/log/*.log"] } },
  "sinks": {
    "es": {
      "type": "elasticsearch",
      "nodes": ["https://me:hunter2url@es.example:9200"], "index": "a",
      "auth": { "username": "me", "password": "hunter3password" },
      "headers": { "X-Key": "hunter4header" }
    },
    "loki": { "type": "loki", "url": "http://127.0.0.1:3100", "labels": { "job": "a" }, "auth": { "bearer_token": "hunter5bearer" } }
  }
}
`

async function textOf(text: string | Uint8Array): Promise<string> {
  const result = await readConfig('a.json', {}, { fileSystem: diskWith(text) })
  return 'problems' in result ? result.text : JSON.stringify([result.shown, result.warnings])
}

describe('whatever the config file holds', () => {
  it('is answered by a config or by problems, never by an exception', async () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"sinks"',
      '"type"',
      '"file"',
      '1',
      'null',
      '${X}',
      '"${',
      '//',
      '/*',
      '\\',
      "'",
      '\n',
    )
    const texts = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ maxLength: 200 }),
      fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join('')),
      fc.json(),
    )
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        assert.ok((await textOf(text)).length > 0)
      }),
      { numRuns: 1500 },
    )
  })

  it('JSON of any shape under known keys is answered too', async () => {
    const shape = fc.dictionary(
      fc.constantFrom(
        'sources',
        'sinks',
        'admin',
        'enrich',
        'buffer',
        'steps',
        'app',
        'type',
        'parse',
        'auth',
        'include',
      ),
      fc.letrec<{ value: unknown }>((tie) => ({
        value: fc.oneof(
          { depthSize: 'small' },
          fc.constantFrom('file', 'loki', 'elasticsearch', 'stdin', '', 'x', 5, -1, true, null),
          fc.array(tie('value'), { maxLength: 3 }),
          fc.dictionary(
            fc.constantFrom(
              'type',
              'include',
              'auth',
              'sinks',
              'parse',
              'fields',
              'nodes',
              'url',
              'labels',
              'x',
            ),
            tie('value'),
          ),
        ),
      })).value,
    )
    await fc.assert(
      fc.asyncProperty(shape, async (value) => {
        assert.ok((await textOf(JSON.stringify(value))).length > 0)
      }),
      { numRuns: 300 },
    )
  })

  it('a slip of the finger shows no secret', async () => {
    const slip = fc.record({
      at: fc.nat(secretConfig.length - 1),
      cut: fc.nat(2),
      insert: fc.constantFrom(
        '',
        '',
        '"',
        "'",
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '/',
        '\\',
        '\n',
        'x',
        '//',
        '/*',
        '$',
      ),
    })
    const slips = fc.array(slip, { minLength: 1, maxLength: 2 })
    await fc.assert(
      fc.asyncProperty(slips, async (all) => {
        let text = secretConfig
        for (const { at, cut, insert } of all) text = text.slice(0, at) + insert + text.slice(at + cut)
        const shown = await textOf(text)
        assert.ok(!/hunter\d[a-z]{4}/.test(shown), `${text}\n---\n${shown}`)
      }),
      { numRuns: 2000 },
    )
  })
})
