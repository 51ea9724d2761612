import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { startAdmin } from '../../../src/admin/server.ts'
import type { Admin, AdminOptions } from '../../../src/admin/server.ts'
import type { OpenTap } from '../../../src/admin/tap-route.ts'
import { limits } from '../../../src/core/limits.ts'
import { silentLog } from '../../../src/core/log.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { Troubles } from '../../../src/telemetry/troubles.ts'
import { FakeAgentView } from '../../support/fake-agent-view.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { get, openSocket, readToEnd } from '../../support/raw-http.ts'

let open: Admin | undefined
afterEach(async () => {
  await open?.close()
  open = undefined
})

const token = 'a-token-of-tests'
const byToken = { authorization: `Bearer ${token}` }
const fromElsewhere = { 'x-forwarded-for': '203.0.113.9' }

async function start(options: Partial<AdminOptions> = {}) {
  const view = new FakeAgentView()
  const metrics = createMetrics()
  metrics.observe(view)
  const clock = new FakeClock()
  const troubles = new Troubles(clock)
  const log = troubles.watch(silentLog)
  open = await startAdmin({
    listen: '127.0.0.1:0',
    token,
    view,
    metrics,
    clock,
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    log,
    troubles,
    openTap: () => 'no taps here',
    readLetters: () => Promise.resolve({ groups: [], letters: ['hunter2'] }),
    ...options,
  })
  return { url: open.url, view, log, admin: open }
}

const stateOf = async (url: string, headers = {}, query = ''): Promise<any> =>
  JSON.parse((await get(url, `/page-state${query}`, headers)).body)

describe('the page', () => {
  test('may load its own files alone, and turns no text into markup or code', async () => {
    const { url } = await start()
    const { status, headers, body } = await get(url, '/')
    assert.deepEqual([status, headers['content-type']], [200, 'text/html; charset=utf-8'])
    const policy = headers['content-security-policy']!
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ])
      assert.ok(policy.includes(part), part)
    assert.doesNotMatch(policy, /unsafe|data:|\*/)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.match(body, /<noscript>/)
  })

  test('its files come with their types, and others do not come', async () => {
    const { url } = await start()
    const script = await get(url, '/page-assets/page/browser/app.js')
    assert.deepEqual([script.status, script.headers['content-type']], [200, 'text/javascript; charset=utf-8'])
    for (const path of ['/page-assets/', '/page-assets/../server.js', '/page-assets/page/browser/app.ts'])
      assert.equal((await get(url, path)).status, 404, path)
  })

  test('a secret that is a word of its files does not spoil them', async () => {
    const { url } = await start({ redact: (text) => text.replaceAll('const', '[redacted]') })
    assert.match((await get(url, '/page-assets/page/browser/app.js')).body, /^import .*\nconst everyMs/s)
  })

  test('holds nothing of the agent itself: all comes by what it asks for', async () => {
    const { url } = await start()
    const [here, elsewhere] = [await get(url, '/'), await get(url, '/', fromElsewhere)]
    assert.equal(here.body, elsewhere.body)
    assert.doesNotMatch(here.body, /var\/log/)
  })
})

describe('what the page asks for', () => {
  test('the state is one answer, with the history that is new', async () => {
    const { url } = await start()
    const state = await stateOf(url, byToken)
    assert.deepEqual(state.access, { paths: true, contents: true, has_token: true })
    assert.equal(state.health.status, 'healthy')
    assert.equal(state.status.files[0].path, '/var/log/app/a.log')
    assert.equal(state.status.files_total, 1)
    assert.equal(state.history.times.length, 1)
    const { run } = state.history
    const next = await stateOf(url, byToken, `?from=1&run=${run}&files=0`)
    assert.deepEqual([next.history.times, next.status.files, next.status.files_total], [[], [], undefined])
  })

  test('of many files come those with the most to read', async () => {
    const { url, view } = await start()
    const [file] = view.fileList
    for (let count = 0; count < 500; count++)
      view.fileList.push({ ...file!, path: `/var/log/${count}`, lagBytes: count })
    const { status } = await stateOf(url)
    assert.deepEqual([status.files.length, status.files_total], [limits.pageFiles, 501])
    assert.equal(status.files[0].path, '/var/log/499')
  })

  test('this host sees paths and errors, others totals; contents need the token', async () => {
    const { url, log, view } = await start()
    view.sinkList[0]!.lastError = 'refused by es-7'
    log.warn({ path: '/var/log/app/a.log' }, 'cannot be read')
    const here = await stateOf(url)
    assert.deepEqual(here.access, { paths: true, contents: false, has_token: true })
    assert.equal(here.troubles[0].fields.path, '/var/log/app/a.log')
    const elsewhere = await get(url, '/page-state', fromElsewhere)
    assert.doesNotMatch(elsewhere.body, /var\/log|es-7|cannot be read/)
    assert.match(elsewhere.body, /"troubles":\[\],"troubles_total":1/)
    for (const path of ['/tap', '/dead-letters']) {
      for (const headers of [{}, fromElsewhere, { authorization: 'Bearer wrong-token' }]) {
        const refused = await get(url, path, headers)
        assert.deepEqual([refused.status, refused.headers['www-authenticate']], [401, 'Bearer'], path)
        assert.match(JSON.parse(refused.body).error, /admin\.token/)
      }
    }
    assert.match((await get(url, '/dead-letters', { ...fromElsewhere, ...byToken })).body, /"groups"/)
  })

  test('without a token in the config nobody sees contents, and is told so', async () => {
    const { url } = await start({ token: undefined })
    assert.deepEqual((await stateOf(url)).access, { paths: true, contents: false, has_token: false })
    const refused = await get(url, '/tap', byToken)
    assert.equal(refused.status, 401)
    assert.match(JSON.parse(refused.body).error, /set admin\.token/)
  })

  test('a token in the address opens nothing', async () => {
    const { url } = await start()
    assert.equal((await get(url, `/dead-letters?token=${token}`)).status, 401)
  })

  test('no secret is in any of it', async () => {
    const { url, log, view } = await start()
    view.sinkList[0]!.lastError = 'hunter2'
    log.warn({ text: 'hunter2' }, 'hunter2')
    for (const path of ['/page-state', '/dead-letters']) {
      const { body } = await get(url, path, byToken)
      assert.match(body, /\[redacted\]/, path)
      assert.doesNotMatch(body, /hunter2/, path)
    }
  })
})

describe('a live tail over HTTP', () => {
  const hostile = '{"source":"app","event":{"message":"<script>alert(1)</script> hunter2"}}\n'

  function openTap(): { open: OpenTap; asked: object[]; pass: () => void; closed: () => number } {
    const asked: object[] = []
    let pass = (): void => {}
    let closed = 0
    return {
      asked,
      pass: () => pass(),
      closed: () => closed,
      open: (question) => {
        asked.push(question)
        if (question.where === 'x') return 'no x here'
        return (out) => {
          pass = () => out.write('late\n')
          out.write(hostile)
          return { close: () => void closed++ }
        }
      },
    }
  }

  async function tap(url: string, query: string): Promise<{ text: Promise<string>; leave: () => void }> {
    const socket = openSocket(url)
    const text = readToEnd(socket)
    socket.write(
      `GET /tap${query} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`,
    )
    await new Promise((resolve) => socket.once('data', resolve))
    return { text, leave: () => socket.destroy() }
  }

  test('is what a command gets, within tighter bounds, as text that no browser takes for more', async () => {
    const taps = openTap()
    const { url } = await start({ openTap: taps.open })
    const { text, leave } = await tap(url, `?source=app&where=${encodeURIComponent("level == 'error'")}`)
    leave()
    const said = await text
    assert.match(said, /content-type: application\/x-ndjson/)
    assert.match(said, /x-content-type-options: nosniff/)
    assert.match(said, /default-src 'none'/)
    assert.match(said, /<script>alert\(1\)<\/script> \[redacted\]/)
    assert.deepEqual(taps.asked, [
      { source: 'app', where: "level == 'error'", eventsPerSecond: limits.pageTapEventsPerSecond },
    ])
    while (taps.closed() === 0) await new Promise(setImmediate)
  })

  test('a bad question is answered in words, and one too many is refused until another leaves', async () => {
    const taps = openTap()
    const { url } = await start({ openTap: taps.open })
    assert.match((await get(url, '/tap?where=x', byToken)).body, /no x here/)
    const running = await Promise.all(Array.from({ length: limits.pageTaps }, () => tap(url, '')))
    assert.equal((await get(url, '/tap', byToken)).status, 429)
    running[0]!.leave()
    while (taps.closed() === 0) await new Promise(setImmediate)
    const again = await tap(url, '')
    for (const { leave } of [...running, again]) leave()
    assert.match(await again.text, /200 OK/)
  })

  test('ends with the token that opened it: a reload has brought another one', async () => {
    const taps = openTap()
    const { url, admin } = await start({ openTap: taps.open })
    const { text } = await tap(url, '')
    admin.setToken(token)
    assert.equal(taps.closed(), 0)
    admin.setToken('another-token')
    // An event that passes before the connection is closed.
    taps.pass()
    assert.doesNotMatch(await text, /late/)
    while (taps.closed() === 0) await new Promise(setImmediate)
    assert.equal((await get(url, '/tap', byToken)).status, 401)
  })

  test('HEAD begins none', async () => {
    const taps = openTap()
    const { url } = await start({ openTap: taps.open })
    await get(url, '/tap', byToken, 'HEAD')
    while (taps.closed() < taps.asked.length) await new Promise(setImmediate)
  })
})
