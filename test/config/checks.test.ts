import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configFolder, headlines, minimal } from './config-file.ts'

const file = (include: string[], parts: object = {}): object => ({ type: 'file', include, ...parts })
const es = (parts: object): object => ({
  type: 'elasticsearch',
  nodes: ['http://127.0.0.1:1'],
  index: 'a',
  ...parts,
})
const withoutPlace = (line: string): string => line.replace(/^[^ ]+ (?:warning: )?/, '')

describe('warnings', () => {
  const cases: readonly (readonly [
    what: string,
    parts: Record<string, unknown>,
    expected: readonly string[],
  ])[] = [
    ['nothing to warn of', {}, []],
    [
      'two sources that read the same files',
      {
        sources: {
          a: file(['/var/log/**/*.log']),
          b: file(['/opt/*.log', '/var/log/app/x.log']),
          c: file(['/srv/*.log']),
        },
      },
      ['sources.b.include[1]: overlaps with source "a": a file that both match is read by "a" alone'],
    ],
    [
      'two sources kept apart by an exclude',
      {
        sources: {
          a: file(['/var/log/**/*.log'], { exclude: ['/var/log/app/x.log'] }),
          b: file(['/var/log/app/x.log']),
        },
      },
      [],
    ],
    [
      'a source that reads what a sink writes',
      {
        sources: { a: file(['/data/*.ndjson']) },
        sinks: { out: { type: 'file', path: '/data/app-%Y.ndjson' } },
      },
      ['sinks.out.path: source "a" reads what this sink writes: the same events would go round for ever'],
    ],
    [
      'a sink that nobody sends to',
      {
        sources: { a: file(['/x'], { sinks: ['s'] }) },
        sinks: { s: { type: 'console' }, t: { type: 'console' } },
      },
      ['sinks.t: no source sends to this sink'],
    ],
    [
      'a server whose certificate is not verified',
      { sinks: { es: es({ tls: { verify: false } }) } },
      [
        'sinks.es.tls.verify: the certificate of the server is not verified: whoever sits in between can read and change everything',
      ],
    ],
    [
      'credentials in the clear, beyond loopback',
      {
        sinks: {
          a: es({ nodes: ['http://es.example:9200', 'http://127.0.0.1:9200'], auth: { api_key: 'abcdef' } }),
        },
      },
      ['sinks.a.nodes[0]: credentials go over the network unencrypted: use https'],
    ],
    [
      'a pattern that the guard does not cover',
      { sources: { a: { type: 'stdin', parse: ['docker', { type: 'regex', pattern: '^(?<a>.*)(?=b)' }] } } },
      [
        'sources.a.parse[1].pattern: runs under a time limit of 50 ms a line (look-around, backreferences, flags or large repetitions), which costs about 0.1 ms for each line',
      ],
    ],
    [
      'a pattern of a multiline that it does not cover',
      { sources: { a: { type: 'stdin', multiline: { start: '^(?!\\s)' } } } },
      [
        'sources.a.multiline.start: runs under a time limit of 50 ms a line (look-around, backreferences, flags or large repetitions), which costs about 0.1 ms for each line',
      ],
    ],
    [
      'a pattern that it covers',
      { sources: { a: { type: 'stdin', parse: { type: 'regex', pattern: '^(?<a>a+)+$' } } } },
      [],
    ],
  ]
  for (const [what, parts, expected] of cases) {
    it(what, async (test) => {
      const { load } = await configFolder(test)
      const { warnings } = await load(minimal(parts))
      assert.deepEqual(warnings.map(withoutPlace), expected)
    })
  }

  it('name file, line and column', async (test) => {
    const { load, folder } = await configFolder(test)
    const { warnings } = await load(minimal({ sinks: { es: es({ tls: { verify: false } }) } }))
    assert.ok(
      warnings[0]!.startsWith(`${folder}/agent.config.json:18:19: warning: sinks.es.tls.verify: `),
      warnings[0],
    )
  })
})

describe('errors that no schema of one piece can see', () => {
  it('TLS files are looked at when the config is, not when the sink is first used', async (test) => {
    const { complain, write } = await configFolder(test)
    await write('text.pem', 'hello')
    const text = await complain(
      minimal({ sinks: { es: es({ tls: { ca_file: 'none.pem', cert_file: 'text.pem' } }) } }),
    )
    assert.deepEqual(headlines(text).map(withoutPlace), [
      'sinks.es.tls: cert_file and key_file belong together: set both or neither',
      'sinks.es.tls.ca_file: cannot use none.pem: no such file',
      'sinks.es.tls.cert_file: cannot use text.pem: it holds no PEM certificate',
    ])
  })

  it('constant fields that no document could hold', async (test) => {
    const { complain } = await configFolder(test)
    const text = await complain(
      minimal({
        enrich: { fields: { '@timestamp': 'x', host: 'a', 'log.level.raw': 'x', team: 'x' } },
        sources: {
          a: file(['/x'], {
            fields: { 'team.name': 'y', service: 's', 'service.name': 'n', 'log.level': 'info' },
          }),
        },
      }),
    )
    assert.deepEqual(headlines(text).map(withoutPlace), [
      'sources.a.fields["team.name"]: no document can hold both "team" and "team.name"',
      'sources.a.fields["service.name"]: no document can hold both "service" and "service.name"',
      'sources.a.fields["log.level"]: the agent writes this field for each event',
      'enrich.fields["@timestamp"]: the agent writes this field for each event',
      'enrich.fields.host: fields of the agent stand below it',
      'enrich.fields["log.level.raw"]: a field of the agent stands above it',
    ])
  })

  it('a second source on stdin', async (test) => {
    const { complain } = await configFolder(test)
    const text = await complain(minimal({ sources: { a: { type: 'stdin' }, b: { type: 'stdin' } } }))
    assert.deepEqual(headlines(text).map(withoutPlace), [
      'sources.b.type: stdin is read by source "a" already',
    ])
  })

  it('a backoff whose ends are swapped', async (test) => {
    const { complain } = await configFolder(test)
    const text = await complain(minimal({ sinks: { es: es({ retry: { min: '1m' } }) } }))
    assert.deepEqual(headlines(text).map(withoutPlace), ['sinks.es.retry.min: must not be above retry.max'])
  })
})
