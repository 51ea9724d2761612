import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import axe from 'axe-core'
import { Chromium, findChromium } from '../support/chromium.ts'
import type { BrowserPage, Look } from '../support/chromium.ts'
import { until } from '../support/fake-clock.ts'
import { demoToken, PageDemo } from '../support/page-demo.ts'

/** The status page of a real agent in a real browser. axe-core says what stands in the way of people who see or point less well. */
const { path, why } = findChromium()

/** One for all tests: it takes seconds to start. */
let chromium: Chromium | undefined

const wide: Look = { width: 1280, height: 900, scheme: 'light' }
const looks: readonly Look[] = [
  wide,
  { ...wide, scheme: 'dark' },
  { width: 360, height: 740, scheme: 'light' },
  { width: 360, height: 740, scheme: 'dark' },
]

async function openPage(
  context: TestContext,
  admin?: object,
): Promise<{ demo: PageDemo; page: BrowserPage; url: string }> {
  const demo = new PageDemo()
  context.after(() => demo.close())
  const url = await demo.start(admin)
  demo.traffic.write(200)
  await demo.rig.arrived(150)
  chromium ??= new Chromium(path)
  const page = await chromium.page(url)
  context.after(() => page.close())
  await page.look(wide)
  await page.seen(`document.querySelector('#health').textContent === 'healthy'`)
  return { demo, page, url }
}

/** As a person does it: a click into the field, the token, Enter. */
async function showToken(page: BrowserPage, token = demoToken): Promise<void> {
  await page.focus('#token')
  await page.type(token)
  await page.press('Enter')
}

async function startTail(page: BrowserPage, where = ''): Promise<void> {
  await page.focus('#tail-where')
  await page.type(where)
  await page.press('Enter')
  await page.seen(`document.querySelector('.tail-state').textContent.startsWith('Running')`)
}

const tailText = (page: BrowserPage): Promise<string> =>
  page.evaluate(`document.querySelector('.lines').innerText`)

async function violations(page: BrowserPage): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })
    .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`)
  return found
}

describe('the page in Chromium', { skip: why }, () => {
  after(() => chromium?.close())

  test('shows the agent, asks its own server alone, and its console stays free of complaints', async (context) => {
    const { demo, page, url } = await openPage(context)
    await page.seen(`document.querySelectorAll('#sink-table tbody tr').length === 2`)
    await showToken(page)
    demo.traffic.write(100)
    await startTail(page)
    demo.traffic.writeMisfit()
    demo.traffic.write(100)
    await page.seen(`document.querySelector('#letter-groups').innerText.includes('duration_ms')`)
    await page.seen(`document.querySelectorAll('.plot path[d^=M]').length > 4`)
    assert.match(await page.evaluate(`document.querySelector('#ledger-table').innerText`), /shop\s+es\s+\d+/)
    assert.match(await page.evaluate(`document.querySelector('#error-list').innerText`), /refused for good/)
    assert.deepEqual(
      page.requests.filter((asked) => !asked.startsWith(url)),
      [],
    )
    assert.deepEqual(
      page.requests.filter((asked) => asked.includes(demoToken)),
      [],
    )
    assert.deepEqual(page.complaints, [])
  })

  test('axe-core finds nothing, in light and dark, wide and narrow, closed and opened by the token', async (context) => {
    const { demo, page } = await openPage(context)
    assert.deepEqual(await violations(page), [])
    await showToken(page)
    await startTail(page)
    demo.traffic.write(100)
    demo.traffic.writeMisfit()
    await page.seen(`document.querySelectorAll('.lines li').length > 20`)
    await page.seen(`document.querySelectorAll('#letter-list details').length > 0`)
    await demo.rig.sinkDown()
    demo.traffic.write(100)
    await page.seen(`document.querySelector('#components').innerText.includes('retrying')`)
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => one.open = true)`)
    for (const look of looks) {
      await page.look(look)
      assert.deepEqual(await violations(page), [], JSON.stringify(look))
      const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      assert.ok(beyond <= 0, `${beyond} pixels beyond ${look.width}`)
    }
  })

  test('a file that cannot be opened is named where attention is asked for', async (context) => {
    const { demo, page } = await openPage(context)
    await showToken(page)
    // Root may read whatever its mode is; a link to itself is opened by nobody.
    symlinkSync('worker-2.log', join(demo.rig.logs, 'worker-2.log'))
    await page.seen(
      `/not read\\s*source.worker.*worker-2.log/s.test(document.querySelector('#components').innerText)`,
    )
    assert.deepEqual(page.complaints, [])
  })

  test('a hostile line stays text, in the live tail and in a dead letter', async (context) => {
    const { demo, page } = await openPage(context)
    await showToken(page)
    await startTail(page)
    const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>\u202e\u001b[31m`
    const line = { time: new Date().toISOString(), message: hostile, duration_ms: hostile, [hostile]: 1 }
    demo.rig.append(`${JSON.stringify(line)}\n`, 'shop.log')
    await page.seen(`document.querySelector('.lines').textContent.includes('onerror')`)
    await page.seen(`document.querySelector('#letter-list').textContent.includes('onerror')`)
    assert.equal(await page.evaluate(`document.querySelectorAll('main img, main script').length`), 0)
    assert.doesNotMatch(await page.evaluate('document.title'), /owned/)
    assert.match(await tailText(page), /<img src=x onerror/)
    assert.deepEqual(page.complaints, [])
  })

  test('the filter shows what it says, and tells what is wrong with one that is none', async (context) => {
    const { demo, page } = await openPage(context)
    await showToken(page)
    await startTail(page, "message == 'only this'")
    const write = (message: string): void =>
      demo.rig.append(`${JSON.stringify({ time: new Date().toISOString(), message })}\n`, 'shop.log')
    await until(async () => {
      write('not that')
      write('only this')
      return (await tailText(page)).includes('only this')
    }, 'the event is shown')
    assert.doesNotMatch(await tailText(page), /not that/)
    await page.evaluate(`document.querySelector('#tail-where').value = 'level =='`)
    await page.evaluate(`document.querySelector('#tail-where').dispatchEvent(new Event('input'))`)
    await page.press('Enter')
    await page.seen(`document.querySelector('.tail-state').textContent.includes('the condition')`)
  })

  test('all of it can be reached and used by the keyboard', async (context) => {
    const { page } = await openPage(context)
    const reached: string[] = []
    for (let presses = 0; presses < 60; presses++) {
      await page.press('Tab')
      reached.push(
        await page.evaluate(`document.activeElement.id || document.activeElement.textContent.trim()
        || document.activeElement.getAttribute('aria-label') || document.activeElement.className.baseVal`),
      )
      if (reached.at(-1) === 'token') break
    }
    assert.equal(reached[0], 'Skip to the content')
    assert.ok(reached.includes('Live tail'))
    await page.type(demoToken)
    await page.press('Enter')
    await page.seen(`document.querySelector('#tail-where').closest('[hidden]') === null`)
    await page.evaluate(`document.querySelector('.drawing').focus()`)
    await page.press('ArrowLeft')
    assert.match(
      await page.evaluate(`document.querySelector('.when').textContent`),
      /^(?:\d\d:\d\d:\d\d|now)$/,
    )
    await page.focus('#tail-where')
    await page.press('Enter')
    await page.seen(`document.querySelector('.tail-state').textContent.startsWith('Running')`)
    const button = (name: string): Promise<void> =>
      page.evaluate(
        `[...document.querySelectorAll('#tail button')].find((one) => one.textContent === '${name}').focus()`,
      )
    await button('Pause')
    await page.press(' ')
    assert.match(await page.evaluate(`document.querySelector('.tail-state').textContent`), /Paused/)
    await button('Stop')
    await page.press('Enter')
    assert.match(await page.evaluate(`document.querySelector('.tail-state').textContent`), /^Stopped/)
  })

  test('says plainly what is hidden, and what to do, without a token', async (context) => {
    const { demo, page } = await openPage(context, {})
    demo.traffic.writeMisfit()
    const access = await page.evaluate(`document.querySelector('#access').innerText`)
    assert.match(access, /Hidden: event contents.*This agent has no token.*"admin": \{ "token"/s)
    assert.match(
      await page.evaluate(`document.querySelector('#tail-view').innerText`),
      /Hidden: events are shown/,
    )
    await page.seen(`document.querySelector('#letters-note').textContent.includes('Stored: es 1')`)
    assert.deepEqual(page.complaints, [])
  })

  test('a wrong token is refused in words, and one that ends is let go', async (context) => {
    const { demo, page } = await openPage(context)
    await showToken(page, 'not-the-token')
    await page.seen(`document.querySelector('#token-problem').textContent.includes('not admin.token')`)
    assert.equal(await page.evaluate('sessionStorage.length'), 0)
    await page.evaluate(`document.querySelector('#token').value = ''`)
    await showToken(page)
    await page.seen(`document.querySelector('#access').classList.contains('open')`)
    demo.rig.configure({ admin: { listen: '127.0.0.1:0', token: 'another-token' } })
    await page.seen(`document.querySelector('#token-problem').textContent.includes('refused')`)
    await page.seen(`document.querySelector('#access').innerText.includes('Type admin.token')`)
    assert.equal(await page.evaluate('sessionStorage.length'), 0)
  })

  test('an agent that is gone is said, with when it was last heard of', async (context) => {
    const { demo, page } = await openPage(context)
    await demo.agent.kill()
    await page.seen(`!document.querySelector('#trouble').hidden`)
    assert.match(
      await page.evaluate(`document.querySelector('#trouble').textContent`),
      /No answer from the agent since \d\d:\d\d:\d\d; trying again/,
    )
  })
})
