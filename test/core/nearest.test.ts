import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nearest } from '../../src/core/nearest.ts'

describe('nearest', () => {
  const known = ['include', 'exclude', 'max_line_bytes', 'type', 'sinks', 'url', 'username']
  const cases: readonly (readonly [word: string, meant: string | undefined])[] = [
    ['inlcude', 'include'],
    ['Include', 'include'],
    ['maxLineBytes', 'max_line_bytes'],
    ['max-line-bytes', 'max_line_bytes'],
    ['MAX_LINE_BYTES', 'max_line_bytes'],
    ['typ', 'type'],
    ['max', 'max_line_bytes'],
    ['u', undefined],
    ['sink', 'sinks'],
    ['user_name', 'username'],
    ['colour', undefined],
    ['x', undefined],
    ['', undefined],
    ['a'.repeat(1_000_000), undefined],
  ]
  for (const [word, meant] of cases) {
    it(`${word.slice(0, 20)} means ${meant}`, () => assert.equal(nearest(word, known), meant))
  }
})
