import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { regexReach } from '../../src/parsers/regex-reach.ts'

describe('regexReach', () => {
  it('says up to where a pattern fits a line, and what it wants there', () => {
    const pattern = '^(?<time>\\S+) (?<level>[A-Z]+) (?<ms>\\d+)ms (?<message>.*)$'
    assert.deepEqual(regexReach(pattern, '10:00:01 INFO 8.0ms done'), {
      fits: '10:00:01 INFO 8',
      rest: '.0ms done',
      wants: 'ms (?<message>.*)$',
    })
  })

  it('says nothing where not even the beginning fits, or where it would take long', () => {
    assert.equal(regexReach('^(?<n>\\d+)$', 'none'), undefined)
    assert.equal(regexReach(`^${'a'.repeat(600)}(?<n>b)`, 'aaa'), undefined)
    assert.equal(regexReach('^(?<all>a+)$', 'a'.repeat(9000)), undefined)
  })

  it('ends on a pattern that would run for ever', () => {
    assert.equal(regexReach('^((a|aa)+)+\\1(?<rest>b)$', `${'a'.repeat(40)}c`), undefined)
  })
})
