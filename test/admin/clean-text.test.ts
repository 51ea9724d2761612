import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanText } from '../../src/admin/clean-text.ts'
import { Secrets } from '../../src/core/secrets.ts'

function redactOf(...secrets: readonly string[]): (text: string) => string {
  const kept = new Secrets()
  for (const secret of secrets) kept.add(secret)
  return (text) => kept.redact(text)
}

test('a password of digits, or `true`, does not make of a status what nobody can parse', () => {
  const status = { bytes: 123_456, isOpen: true, error: 'refused 1234 as true' }
  assert.deepEqual(JSON.parse(cleanText(JSON.stringify(status), redactOf('1234', 'true'))), {
    ...status,
    error: 'refused [redacted] as [redacted]',
  })
})

test('metrics keep their numbers and lose the secret in a label', () => {
  const text = '# HELP a "b\na{path="/log/1234"} 1234\na{path="c"} 12345\n'
  assert.equal(
    cleanText(text, redactOf('1234')),
    '# HELP a "b\na{path="/log/[redacted]"} 1234\na{path="c"} 12345\n',
  )
})

test('a secret that begins with the letter of an escape leaves no escape that is none', () => {
  const clean = cleanText(JSON.stringify({ error: 'line\nn123\n123 and "n123"' }), redactOf('n123'))
  assert.deepEqual(JSON.parse(clean), { error: 'line\n[redacted]\n123 and "[redacted]"' })
})

test('a secret with quotes is found as it stands in JSON', () => {
  const clean = cleanText(JSON.stringify({ error: 'got hun"ter\\2' }), redactOf('hun"ter\\2'))
  assert.deepEqual(JSON.parse(clean), { error: 'got [redacted]' })
})
