import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { ApiClient } from '../../src/kubernetes/api-client.ts'
import { nodeFileSystem } from '../../src/platform/node-file-system.ts'
import { FakeKubeApi } from '../support/fake-kube-api.ts'

const asked = (url: string, silenceMs: number) => {
  const place = { url: new URL(url), serviceAccount: undefined, node: 'node-1' }
  const client = new ApiClient(place, nodeFileSystem, '1.2.3', silenceMs)
  const { signal } = new AbortController()
  return client.get({ path: '/api/v1/pods', parameters: {}, accept: '*/*', isWatch: false, signal })
}

/** A port whose packets are dropped, as behind a firewall: its process is stopped, and the queue of the kernel is full. */
async function droppingPort(context: TestContext): Promise<number> {
  const listen = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port) })`
  const child = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] })
  context.after(() => child.kill('SIGKILL'))
  const port = Number(String(await once(child.stdout, 'data')))
  child.kill('SIGSTOP')
  const sockets = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  context.after(() => sockets.forEach((socket) => socket.destroy()))
  await once(sockets[0]!, 'connect')
  return port
}

test('a server that lets nobody connect is given up like one that says nothing', async (context) => {
  const api = new FakeKubeApi({ isTls: false })
  await api.start()
  context.after(() => api.stop())
  api.isSilent = true
  for (const url of [api.url, `http://127.0.0.1:${await droppingPort(context)}`]) {
    const answer = await asked(url, 300)
    assert.ok('kind' in answer)
    assert.match(
      answer.message,
      /^the API server at 127\.0\.0\.1:\d+ cannot be asked: it said nothing for 0\.3 s$/,
    )
  }
})
