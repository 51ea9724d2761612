import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { membersAfter, run, stepList } from './steps-under-test.ts'

const after = (redact: object, line: string, options = {}): string => run([{ redact }], line, options).line

describe('redact in a JSON line', () => {
  test('replaces inside of strings, and all else stays byte for byte', () => {
    assert.equal(
      after({}, '{ "a":1.50, "m" : "to bob@example.com", "u":"\\u0041\\/", "a":[1e5] }'),
      '{ "a":1.50, "m" : "to [redacted]", "u":"\\u0041\\/", "a":[1e5] }',
    )
  })

  test('looks behind escapes, at any depth, and into JSON within strings', () => {
    assert.equal(after({}, '{"m":"bob\\u0040example.com"}'), '{"m":"[redacted]"}')
    assert.equal(after({}, '{"a":[{"b":["x","bob@example.com"]}]}'), '{"a":[{"b":["x","[redacted]"]}]}')
    assert.equal(
      after({}, '{"log":"{\\"password\\":\\"a\\\\\\"b\\",\\"n\\":1}"}'),
      '{"log":"{\\"password\\":\\"[redacted]\\",\\"n\\":1}"}',
    )
  })

  test('takes members whole whose names say that they are secret, whatever is in them', () => {
    assert.equal(
      after(
        {},
        '{"db_password":"x","passwordLength":8,"apiKey":"k","headers":{"Authorization":"y","Host":"h"}}',
      ),
      '{"db_password":"[redacted]","passwordLength":8,"apiKey":"[redacted]","headers":{"Authorization":"[redacted]","Host":"h"}}',
    )
    assert.equal(
      after({}, '{"password":{"old":"x","n":[5,true,null]}}'),
      '{"password":{"old":"[redacted]","n":["[redacted]",true,null]}}',
    )
  })

  test('takes card numbers that are numbers, and no other number', () => {
    assert.equal(
      after({}, '{"card":4111111111111111,"ts":1700000000000,"id":12345678901234567890}'),
      '{"card":"[redacted]","ts":1700000000000,"id":12345678901234567890}',
    )
  })

  test('looks into the fields alone that are named, by path and in duplicates', () => {
    assert.equal(
      after(
        { fields: ['a.b', 'c'], presets: ['email'] },
        '{"a":{"b":"x@y.io","d":"x@y.io"},"c":"x@y.io","c":"z@y.io","e":"x@y.io"}',
      ),
      '{"a":{"b":"[redacted]","d":"x@y.io"},"c":"[redacted]","c":"[redacted]","e":"x@y.io"}',
    )
  })

  test('without patterns and presets the fields go as a whole', () => {
    assert.equal(
      after({ fields: ['user', 'a', 'a.b'], mask: '***' }, '{"user":"bob","a":{"b":5,"c":["x"]},"d":1}'),
      '{"user":"***","a":{"b":"***","c":["***"]},"d":1}',
    )
  })

  test('patterns of people are used', () => {
    assert.equal(
      after({ patterns: ['(?i)user-\\d+'] }, '{"m":"USER-12 and user-3"}'),
      '{"m":"[redacted] and [redacted]"}',
    )
    assert.equal(after({ patterns: ['x*'] }, '{"m":"axxb"}'), '{"m":"a[redacted]b"}')
  })
})

describe('redact in text', () => {
  test('takes it out of the line', () => {
    const { line, document } = run([{ redact: {} }], 'login bob@example.com password=hunter2')
    assert.equal(line, 'login [redacted] password=[redacted]')
    assert.ok(document.endsWith('"message":"login [redacted] password=[redacted]"}'))
  })

  test('takes it out of members of parsers and of the text that they were made of', () => {
    const { line, document } = run([{ redact: {} }], 'user=bob@example.com password=hunter2 n=1', {
      parse: 'logfmt',
    })
    assert.equal(line, 'user=[redacted] password=[redacted] n=1')
    assert.match(document, /"user":"\[redacted\]","password":"\[redacted\]","n":"1"/)
  })

  test('takes what a parser has named a password out of the text, where nothing names it', () => {
    const parse = { type: 'regex', pattern: '^(?<user>\\w+) (?<password>\\S+)$' }
    assert.equal(run([{ redact: {} }], 'bob hunter2', { parse }).line, 'bob [redacted]')
  })

  test('named fields leave the text of the line, unless message is one of them', () => {
    const parse = 'logfmt'
    assert.equal(after({ fields: ['user'] }, 'user=bob n=1', { parse }), 'user=bob n=1')
    assert.equal(
      after({ fields: ['user', 'message'], patterns: ['bob'] }, 'user=bob n=1', { parse }),
      'user=[redacted] n=1',
    )
    const members = membersAfter([{ redact: { fields: ['user'] } }], 'user=bob n=1', { parse })
    assert.deepEqual(members, { user: '[redacted]', n: '1' })
  })

  test('a JSON line that was cut is text, and its secrets go all the same', () => {
    assert.equal(after({}, '{"password":"hunter2","x":"tru'), '{"password":"[redacted]","x":"tru')
  })
})

describe('hashes', () => {
  const hashed = (redact: object): string =>
    after({ with: 'hash', presets: ['email'], ...redact }, '{"m":"a@b.io c@d.io a@b.io"}')

  test('are equal for equal secrets and depend on the key', () => {
    const line = hashed({})
    const [first, second, third] = [...line.matchAll(/hash:[0-9a-f]{16}/g)].map(([hash]) => hash)
    assert.ok(first !== undefined && third === first && second !== first)
    assert.notEqual(hashed({ secret: 'another key of 20 chars' }), line)
    assert.equal(hashed({ secret: 'another key of 20 chars' }), hashed({ secret: 'another key of 20 chars' }))
  })
})

test('a pattern that takes too long masks the whole value and is counted', () => {
  // The look-ahead keeps V8's linear engine out; a short limit is the agent's own.
  const list = stepList([{ redact: { patterns: ['^(?=(a+)+$)b'] } }])
  const { line } = run(list, `{"m":"${'a'.repeat(40)}!","n":"x"}`)
  assert.equal(line, '{"m":"[redacted]","n":"x"}')
  assert.equal(list.troubles.errors, 1)
  assert.match(list.troubles.last, /steps\[0\] \(redact\): a pattern took too long/)
})

test('deep and hostile lines are gone through in no time', () => {
  const deep = `{"password":${'['.repeat(50_000)}"x"${']'.repeat(50_000)},"b":2}`
  assert.match(after({}, deep), /\["\[redacted\]"\]/)
  const many = `{${Array.from({ length: 10_000 }, (_, index) => `"k${index}":"x@y.io"`).join(',')}}`
  assert.ok(!after({}, many).includes('@'))
})

test('a secret is nowhere, wherever a JSON line had it and however it was escaped', () => {
  const secret = 'Tr0ub4dor-and-3'
  const escaped = Array.from(secret, (char) => `\\u00${char.charCodeAt(0).toString(16)}`).join('')
  const spelled = fc.constantFrom(secret, escaped)
  const holder = spelled.chain((text) =>
    fc.constantFrom(
      `"password=${text}"`,
      `"x \\"password\\": \\"${text}\\" y"`,
      `"https://bob:${text}@host/"`,
      `"Authorization: Bearer ${text}"`,
      `"a ${text.toLowerCase() === secret.toLowerCase() ? 'secret=' : 'pwd: '}${text}"`,
      `{"password":"${text}"}`,
      `{"client_secret":["${text}"]}`,
      `"{\\"pwd\\":\\"${text}\\"}"`,
    ),
  )
  const value = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      holder,
      fc.constantFrom('1.50', 'null', '"x"'),
      fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
      fc
        .array(tie('value'), { maxLength: 3 })
        .map((items) => `{${items.map((item, i) => `"k${i}" :${item}`).join(',')}}`),
    ),
  })).value
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (values) => {
      const line = `{${values.map((one, index) => `"m${index}": ${one}`).join(' ,')}}`
      const result = run([{ redact: {} }], line)
      for (const text of [result.line, result.document, JSON.stringify(JSON.parse(result.line))])
        assert.ok(!text.includes(secret) && !text.includes(escaped), text)
    }),
    { numRuns: 500 },
  )
})
