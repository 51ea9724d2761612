import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { until } from '../support/fake-clock.ts'
import { nothingWrong, tally } from '../support/tally.ts'
import { AgentRig, assertAddsUp } from '../support/agent-rig.ts'

const mebibyte = 1024 ** 2

const hostile: Readonly<Record<string, Uint8Array | string>> = {
  'a line of 10 MB': `{"big":"${'b'.repeat(10 * mebibyte)}"}\n`,
  'a line of 10 MB without any structure': `${'x'.repeat(10 * mebibyte)}\n`,
  NULs: `\0\0\0\0\n{"nul":"a\0b"}\n${'\0'.repeat(70_000)}\n`,
  'invalid UTF-8': Buffer.from([
    0x7b, 0xff, 0xfe, 0x80, 0x7d, 0x0a, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xf5, 0x0a,
  ]),
  CRLF: '{"crlf":1}\r\nplain\r\n\r\n\r\r\n',
  'a BOM in the middle': '\uFEFF{"bom":1}\n',
  'a JSON bomb of depth 100,000': `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}\n${'['.repeat(100_000)}\n{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`,
  '20,000 keys': `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":${i}`).join(',')}}\n`,
  '20,000 equal keys': `{${Array.from({ length: 20_000 }, () => '"host":1').join(',')}}\n`,
  'arrays, scalars and what is no JSON':
    '[1,2]\n1\nnull\n"text"\ntrue\n{}\n{\n}\n{"a":}\n{"a":1}{"b":2}\n{"a":1},\n',
  'names of JavaScript': '{"__proto__":{"polluted":1},"constructor":1,"toString":"x","hasOwnProperty":1}\n',
  'bulk actions': '{"delete":{"_index":"e2e"}}\n{"x":"\\n{\\"delete\\":{}}"}\n{"index":{"_index":"x"}}\n',
  'control and separator characters': '\u2028\u2029\u0085\u001b[31mred\u001b[0m\u0007\n',
  'rubbish times and levels':
    '{"@timestamp":"rubbish","time":1e400,"level":{"x":[]},"trace_id":[],"host":{"name":{"deep":1}}}\n',
  'malformed CRI':
    '2024-01-01T00:00:00Z stdout\n2024-01-01T00:00:00Z stdout X a\n2024-99-99T00:00:00Z stdout F a\n stdout F \n2024-01-01T00:00:00.1Z stdout P a\n2024-01-01T00:00:00.2Z stderr F b\n',
}

describe('hostile lines between good ones: the good ones all arrive', () => {
  for (const parse of ['auto', 'json', 'none', 'cri'] as const) {
    it(`parse ${parse}`, async (context) => {
      const rig = await AgentRig.open(context)
      rig.configure({ sources: { app: rig.fileSource('*.log', { parse }) } })
      const agent = await rig.start()
      for (const lines of Object.values(hostile)) {
        rig.write(3)
        rig.append(lines)
      }
      rig.write(3)
      await until(async () => {
        const status = await rig.status(agent)
        assertAddsUp(status)
        return status.files[0]?.lag_bytes === 0 && status.ledger['app']!.sinks['es']!.in_buffer === 0
      }, 'all is settled')
      // Plain text is escaped into a message.
      const documents = rig.documents().map((text) => text.replaceAll('\\"', '"'))
      const good = documents.filter((text) => text.includes('"uid":"e-'))
      assert.deepEqual(tally(rig.uids(), good), nothingWrong)
      const { read_events, sinks } = (await rig.status(agent)).ledger['app']!
      assert.equal(sinks['es']!.acknowledged, documents.length)
      assert.equal(sinks['es']!.acknowledged + sinks['es']!.dead_lettered, read_events)
      for (const { source, index } of rig.elasticsearch.documents()) {
        assert.equal(index, 'e2e')
        assert.doesNotMatch(source, /[\n\r]/)
      }
      agent.child.kill('SIGTERM')
      assert.equal((await agent.exited).code, 0, agent.stderr)
      assert.doesNotMatch(agent.stderr, /mistake of the agent|internal error/)
    })
  }

  it('an evil regex over 50 kB of "a" stops neither the file nor the admin', async (context) => {
    const rig = await AgentRig.open(context)
    const parse = { type: 'regex', pattern: '^(?<x>(a+)+)$' }
    rig.configure({ sources: { app: rig.fileSource('*.log', { parse }) } })
    const agent = await rig.start()
    for (let i = 0; i < 5; i += 1) {
      rig.write(2)
      rig.append(`${'a'.repeat(50_000)}!\n`)
    }
    await rig.arrived(15)
    assert.equal((await rig.get(agent, '/health/live')).status, 200)
    const good = rig
      .documents()
      .map((text) => text.replaceAll('\\"', '"'))
      .filter((text) => text.includes('"uid"'))
    assert.deepEqual(tally(rig.uids(), good), nothingWrong)
  })
})
