import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readOsRelease } from '../../src/platform/os-release.ts'

test('the text of os-release is read where there is one, and nothing throws where there is none', () => {
  const expected = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  assert.equal(readOsRelease(), expected)
})
