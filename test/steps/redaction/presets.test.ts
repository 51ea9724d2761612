import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { isCardNumber } from '../../../src/steps/redaction/card-number.ts'
import { replacePlaces } from '../../../src/steps/redaction/places.ts'
import type { Places } from '../../../src/steps/redaction/places.ts'
import { presetNames, presets } from '../../../src/steps/redaction/presets.ts'
import type { PresetName } from '../../../src/steps/redaction/presets.ts'

function redacted(preset: PresetName, text: string): string {
  const places: Places = []
  presets[preset].find(text, places)
  return replacePlaces(text, places, () => '#')
}

/** Each text with its secrets in ⟦⟧. */
function check(preset: PresetName, marked: readonly string[]): void {
  for (const one of marked) {
    assert.match(one.replaceAll(/[⟦⟧]/g, ''), presets[preset].hint, 'a line with a secret has the hint')
    assert.equal(redacted(preset, one.replaceAll(/[⟦⟧]/g, '')), one.replaceAll(/⟦[^⟧]*⟧/g, '#'))
  }
}

const unchanged = (preset: PresetName, texts: readonly string[]): void =>
  texts.forEach((text) => assert.equal(redacted(preset, text), text))

describe('email', () => {
  test('is found in prose, in URLs, in angle brackets and in other alphabets', () => {
    check('email', [
      'mail to ⟦bob.o+x@mail.example.com⟧.',
      '<⟦a@b.io⟧>, "⟦c_d@e-f.org⟧"',
      '/login?user=⟦bob@example.com⟧&x=1',
      '⟦ännä@exämple.de⟧ and ⟦b@c.de⟧,⟦d@e.fr⟧',
    ])
  })

  test('is no mention, no version and no path', () => {
    unchanged('email', ['@bob said', 'lodash@4.17.21', 'a @ b.com', 'user@localhost', 'git@'])
  })
})

describe('credit_card', () => {
  test('is found in one piece and in groups, with its check digit', () => {
    check('credit_card', [
      'paid with ⟦4111111111111111⟧.',
      '⟦4111 1111 1111 1111⟧ and ⟦5500-0000-0000-0004⟧',
      'amex ⟦3400 000000 00009⟧, ⟦378282246310005⟧',
      'at 2026-01-20 ⟦4111 1111 1111 1111⟧ 12',
      '⟦2223003122003222⟧ ⟦6011111111111117⟧',
    ])
  })

  test('is no other number', () => {
    unchanged('credit_card', [
      '4111111111111112',
      '1700000000000000000',
      '2026-01-20 10:11:12.123456789',
      '14111111111111111',
      '0000000000000000',
      '4111 1111-1111 1111',
    ])
  })

  test('one number in ten has a right check digit', () => {
    const good = '0123456789'.split('').filter((digit) => isCardNumber(`411111111111111${digit}`))
    assert.deepEqual(good, ['1'])
  })
})

describe('token', () => {
  const random = 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'

  test('is known by how it looks', () => {
    check('token', [
      'jwt ⟦eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1g⟧ ok',
      'key ⟦AKIAIOSFODNN7EXAMPLE⟧,',
      `⟦ghp_${random}⟧ ⟦github_pat_${random}⟧ ⟦glpat-${random}⟧`,
      `⟦xoxb-123456789012-${random}⟧ ⟦sk_live_${random}⟧ ⟦sk-ant-${random}⟧ ⟦npm_${random}⟧`,
      'a\n⟦-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----⟧\nb',
      '⟦-----BEGIN PRIVATE KEY-----\nMIIE⟧',
    ])
  })

  test('is known by its name', () => {
    check('token', [
      '/cb?access_token=⟦abcdef123⟧&x=1 api_key: ⟦k-1234567⟧',
      '"refresh_token":"⟦abc def⟧"',
      "X-Amz-Signature=⟦0123456789abcdef⟧ client_secret='⟦a b c d⟧'",
    ])
  })

  test('is no word', () => {
    unchanged('token', [
      'unexpected token: }',
      'tokens=5',
      'ask-the-user',
      'token bucket',
      'eyJ.a.b',
      'risk-based',
    ])
  })
})

describe('password', () => {
  test('is found behind its name, quoted or not', () => {
    check('password', [
      'password=⟦hunter2⟧ user=bob',
      'DB_PASSWORD: ⟦p@ss,word!⟧, next',
      'pwd=⟦a,b⟧,user=x',
      "passwd = '⟦it's\\' here⟧' z".replace("it's", 'it is'),
      '{"password": "⟦a\\"b⟧","x":1}',
      '{\\"password\\":\\"⟦a\\\\\\"b⟧\\",\\"x\\":1}',
      'Server=x;Password=⟦abc⟧;Timeout=5',
      'User(password=⟦abc⟧)',
      'password="⟦never closed⟧',
      'https://bob:⟦s3cr@t⟧@host/path and redis://:⟦pw⟧@h:1',
      'passphrase => ⟦x⟧',
    ])
  })

  test('is not asked for', () => {
    unchanged('password', [
      'forgot your password?',
      'password reset',
      'compass=5',
      'https://host:8080/a@b',
      'password=',
    ])
  })
})

describe('authorization', () => {
  test('keeps the scheme and takes the credentials', () => {
    check('authorization', [
      'Authorization: Bearer ⟦abc.def-1⟧ x',
      '"authorization": "⟦Basic dXNlcjpwYXNz⟧"',
      'authorization=⟦abc⟧, x',
      'Proxy-Authorization: Basic ⟦dXNlcjpwYXNz⟧',
      'Authorization: AWS4-HMAC-SHA256 ⟦Credential=a/b, Signature=c⟧\nHost: x',
      'with Bearer ⟦abcdefg123⟧ and Basic ⟦dXNlcjpwYXNz⟧',
      'Set-Cookie: ⟦sid=1; Path=/⟧\r\nx',
      'x-api-key: ⟦k1⟧',
    ])
  })

  test('is no prose', () => {
    unchanged('authorization', [
      'Basic authentication failed',
      'bearer authentication',
      'eat a cookie',
      'authorization failed',
    ])
  })
})

test('ipv4 finds addresses and no versions', () => {
  check('ipv4', ['from ⟦10.0.0.1⟧:80, ⟦255.255.255.255⟧.'])
  unchanged('ipv4', ['1.2.3.4.5', '256.1.1.1', 'v1.2.3', '1.2.3.4a'])
})

test('every preset is linear on hostile lines', () => {
  const size = 100_000
  const hostile = [
    'a',
    ')',
    ',)',
    '@',
    'a@',
    '@a.',
    '4',
    '4 ',
    '4-',
    'eyJ',
    'eyJ.',
    '-----BEGIN PRIVATE KEY-----',
    'password',
    'password=',
    'password="',
    "pwd='",
    '\\"',
    'a=',
    '1.',
    '://',
    '://a:',
    '://a:b',
    'Basic ',
    'Authorization: ',
    'Authorization: Digest ',
    'Cookie: ',
    'sk-',
    'token',
    'token=',
    ',a',
    ', a',
    'password=a,',
    'é',
    '\u{1f600}',
  ]
  for (const name of presetNames) {
    for (const piece of hostile) {
      const text = `password=${piece.repeat(size / piece.length)}x`
      const start = process.hrtime.bigint()
      redacted(name, text)
      const ms = Number(process.hrtime.bigint() - start) / 1e6
      assert.ok(ms < 1500, `${name} on ${JSON.stringify(piece)} took ${ms.toFixed(0)} ms`)
    }
  }
})

test('places lie within the text, whatever it is', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...presetNames),
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      (name, text) => {
        const places: Places = []
        presets[name].find(text, places)
        for (let index = 0; index < places.length; index += 2) {
          assert.ok(
            places[index]! >= 0 && places[index + 1]! > places[index]! && places[index + 1]! <= text.length,
          )
        }
      },
    ),
  )
})
