import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeControls } from '../../src/core/terminal-text.ts'

test('control characters become text', () => {
  assert.equal(escapeControls('a\u001b[31mb\u0007\u007f\u009bc'), String.raw`a\x1b[31mb\x07\x7f\x9bc`)
  assert.equal(escapeControls('one\r\ntwo\tthree\u2028'), String.raw`one\r\ntwo\tthree\u2028`)
})

test('characters that turn or hide writing become text', () => {
  assert.equal(escapeControls('gpj\u202etxt\u200b\ufeff'), String.raw`gpj\u202etxt\u200b\ufeff`)
})

test('other text stays as it is, emoji and umlauts too', () => {
  const text = 'Grüße, 世界 🚀 \\x1b "quoted"'
  assert.equal(escapeControls(text), text)
})
