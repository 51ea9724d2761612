import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { Rig } from './rig.ts'
import { bulkServers, servers } from './servers.ts'

const diagnosis = z.object({
  status: z.string(),
  findings: z.array(z.object({ check: z.string(), severity: z.string(), seen: z.string() })),
})

/** What each check says of the servers of these sinks. */
async function doctor(rig: Rig, sinks: object): Promise<Map<string, string>> {
  rig.write('logs/app.log', ['a line'])
  const include = [`${rig.folder}/logs/*.log`]
  const config = rig.config({ sources: { app: { type: 'file', include } }, sinks })
  const { stdout } = await rig.run(['doctor', '-c', config, '--json'])
  const { findings } = diagnosis.parse(JSON.parse(stdout))
  return new Map(findings.map(({ check, severity, seen }) => [check, `${severity}: ${seen}`]))
}

for (const { product, version, url, isSmall, why } of bulkServers()) {
  describe(`doctor beside ${product} ${version}`, { skip: why }, () => {
    it('sees its time, its shards, its disk and its largest body', async (context) => {
      const sinks = { far: { type: 'elasticsearch', nodes: [url], index: 'never-made-%Y' } }
      const found = await doctor(new Rig(context), sinks)
      assert.match(found.get('sinks')!, new RegExp(`^ok: far: ${product} ${version}`))
      assert.equal(found.get('clock'), 'ok: like that of far')
      assert.equal(
        found.get('indices'),
        'ok: far: no index never-made-* yet; it is made with the first event',
      )
      assert.match(
        found.get('cluster')!,
        isSmall ? /batch\.max_bytes 5 MiB, and the server takes 2 MiB/ : /% full/,
      )
    })
  })
}

describe('doctor beside Loki', { skip: servers().why }, () => {
  const sinks = (url: string, batch = {}) => ({ far: { type: 'loki', url, labels: { job: 'a' }, batch } })

  it('sees its time and that nothing meets a limit', async (context) => {
    const found = await doctor(new Rig(context), sinks(servers().loki))
    assert.equal(found.get('clock'), 'ok: like that of far')
    assert.match(found.get('loki limits')!, /^ok: far: nothing in this config meets a limit/)
  })

  it('sees a burst below a batch', async (context) => {
    const found = await doctor(new Rig(context), sinks(servers().loki, { max_bytes: '8MiB' }))
    assert.match(
      found.get('loki limits')!,
      /^problem: far: batch\.max_bytes 8 MiB is above Loki's ingestion_burst_size_mb 6/,
    )
  })
})
