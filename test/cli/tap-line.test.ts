import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tapLine } from '../../src/cli/tap-line.ts'
import type { Io } from '../../src/cli/io.ts'

const io: Pick<Io, 'stdout' | 'env'> = { stdout: { write: () => undefined }, env: {} }
const shown = (event: object, source = 'app'): string => tapLine(JSON.stringify({ source, event }), io)

test('an event is time, level, source, message, and what else it says', () => {
  const event = {
    '@timestamp': '2026-11-26T22:00:00Z',
    'host.name': 'vm',
    'log.level': 'warn',
    level: 'W',
    msg: 'slow',
    duration_ms: 12,
    path: '/a b',
    user: { id: 7 },
  }
  assert.equal(shown(event), '2026-11-26T22:00:00Z WARN  app slow duration_ms=12 path="/a b" user={"id":7}')
})

test('control characters of a line are shown, not obeyed', () => {
  assert.match(shown({ message: 'a\u001b[2J', k: '\u0007' }, 'a\u0007'), /a\\x07 a\\x1b\[2J k=\\x07$/)
})

test('what was left out is said, and what is no event is passed over', () => {
  assert.equal(tapLine('{"left_out":12}', io), '… 12 events left out')
  assert.deepEqual([tapLine('[]', io), tapLine('{"source":"app"}', io)], ['', ''])
})
