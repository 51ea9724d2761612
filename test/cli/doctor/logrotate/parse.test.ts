import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseLogrotate } from '../../../../src/cli/doctor/logrotate/parse.ts'

describe('configs of logrotate', () => {
  it('patterns in quotes, on several lines, a brace on its own, scripts passed over', () => {
    const text = `# comment
weekly
rotate=3
include /etc/logrotate.d
"/var/log/a b.log"
/var/log/c/*.log
{
  postrotate
    copytruncate } /var/log/x {
  endscript
  delaycompress
  size 10M
}
/var/log/d.log { rotate 2
  maxage 3 }
`
    assert.deepEqual(parseLogrotate(text), [
      { kind: 'setting', settings: { every: 'weekly' } },
      { kind: 'setting', settings: { rotate: 3 } },
      { kind: 'include', path: '/etc/logrotate.d' },
      {
        kind: 'block',
        patterns: ['/var/log/a b.log', '/var/log/c/*.log'],
        settings: { delaycompress: true, size: '10M' },
        line: 5,
      },
      { kind: 'block', patterns: ['/var/log/d.log'], settings: { rotate: 2, maxage: 3 }, line: 14 },
    ])
  })

  it('whatever it is: it ends, and never throws', () => {
    for (const text of ['', '{', '}', '/a {', '/a { /b { } }', '"', '\\\n', 'include', '{}{}', 'postrotate'])
      assert.ok(Array.isArray(parseLogrotate(text)), text)
  })
})
