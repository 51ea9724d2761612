import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { configFolder } from '../../config/config-file.ts'
import { say } from '../fake-io.ts'

/** A Loki to probe: an empty push gets 422, as from the real one. */
async function fakeLoki(test: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    response.statusCode = request.method === 'POST' ? 422 : request.url === '/config' ? 404 : 200
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  test.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

async function doctor(test: TestContext, url: string, words: readonly string[] = []) {
  const { folder, write } = await configFolder(test)
  await write('app.log', 'a line\n')
  const config = {
    data_dir: './data',
    sources: { app: { type: 'file', include: ['./*.log'] } },
    sinks: {
      loki: { type: 'loki', url, labels: { job: 'a' }, auth: { username: 'me', password: 'hunter2-secret' } },
    },
  }
  const path = await write('agent.config.json', JSON.stringify(config))
  return { folder, ...(await say(['doctor', '-c', path, ...words])) }
}

describe('logferry doctor', () => {
  it('looks at this host and at the servers of the config, and changes nothing', async (test) => {
    const { status, stdout, stderr } = await doctor(test, await fakeLoki(test))
    assert.equal(stderr, '')
    assert.match(stdout, /^ok +includes: the sources match 1 file in 1 folder$/m)
    assert.match(stdout, /^ok +sinks: loki: Loki takes pushes at/m)
    assert.match(stdout, /^ok +clock: like that of loki$/m)
    assert.match(stdout, /^unknown +loki limits: loki: its limits are not shown \(404/m)
    assert.equal(status, /\d+ problem/.test(stdout) ? 1 : 0)
  })

  it('ends with 1 where a sink cannot be reached; --json has all of it, and no secret', async (test) => {
    const { status, stdout } = await doctor(test, 'http://127.0.0.1:1', ['--json'])
    const { status: verdict, user, findings } = JSON.parse(stdout)
    assert.deepEqual([status, verdict, typeof user], [1, 'problem', 'string'])
    const found = findings.find((finding: { check: string }) => finding.check === 'sinks')
    assert.equal(found.severity, 'problem')
    assert.match(found.seen, /^loki cannot be reached: .*ECONNREFUSED/)
    assert.doesNotMatch(stdout, /hunter2/)
  })

  it('ends with 78 and what is wrong for an invalid config, with 2 for wrong usage', async (test) => {
    const { write } = await configFolder(test)
    const path = await write('agent.config.json', '{ "sorces": {} }')
    const { status, stdout, stderr } = await say(['doctor', '-c', path])
    assert.deepEqual([status, stdout], [78, ''])
    assert.match(stderr, /sorces: unknown key, did you mean "sources"\?/)
    assert.equal((await say(['doctor', 'now'])).status, 2)
  })
})
