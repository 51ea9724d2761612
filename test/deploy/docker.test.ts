import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { describe, it } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'

describe('the health check of the image', () => {
  /** Asynchronously: the server that it asks is in this process. */
  const exitFor = (url: string): Promise<number | null> =>
    new Promise((resolve) => {
      const env = { ...process.env, LOGFERRY_LIVE_URL: url }
      const check = spawn(process.execPath, ['deploy/docker/healthcheck.mjs'], { env, stdio: 'ignore' })
      check.on('exit', resolve)
    })

  it('is well for a 200, and ill for another answer and for none', async (context) => {
    const server = createServer((request, response) =>
      response.writeHead(request.url === '/ok' ? 200 : 503).end(),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    context.after(() => server.close())
    const address = server.address()
    assert.ok(typeof address === 'object' && address)
    const url = `http://127.0.0.1:${address.port}`
    assert.equal(await exitFor(`${url}/ok`), 0)
    assert.equal(await exitFor(`${url}/ill`), 1)
    assert.equal(await exitFor('http://127.0.0.1:1'), 1)
  })
})

describe('the image', () => {
  it('is made of files that are there, and that .dockerignore lets through', () => {
    const passed = readFileSync('.dockerignore', 'utf8').match(/^!.+$/gm)!
    const copied = [...readFileSync('Dockerfile', 'utf8').matchAll(/^COPY (?!--from)(.+) \S+$/gm)]
    const names = copied.flatMap((match) => match[1]!.split(' '))
    assert.ok(names.includes('src'))
    for (const name of names) {
      assert.ok(existsSync(name), name)
      assert.ok(passed.includes(`!${name}`), `${name} is in .dockerignore`)
    }
  })
})

describe('the config of compose.yaml', () => {
  it('is valid, and talks to the services by their names', async () => {
    const { config } = await loadConfig('deploy/docker/config/agent.config.json', { NODE_NAME: 'host-1' })
    const compose = readFileSync('deploy/docker/compose.yaml', 'utf8')
    const urls = JSON.stringify(config.sinks).match(/https?:\/\/[a-z.]+/g)!
    assert.equal(urls.length, 2)
    for (const url of urls) assert.match(compose, new RegExp(`^  ${new URL(url).hostname}:$`, 'm'))
    assert.ok(compose.includes(`logferry:${config.data_dir}`))
  })
})
