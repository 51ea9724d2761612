import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Chromium, findChromium } from '../test/support/chromium.ts'
import type { BrowserPage, Look } from '../test/support/chromium.ts'
import { demoToken, PageDemo } from '../test/support/page-demo.ts'
import { terminalPage } from './terminal-page.ts'

/**
 * `node out/scripts/page-pictures.js [SECONDS]`: the pictures of docs/images, of a real agent that ships a shop's logs for
 * five minutes, Elasticsearch away for one of them and some events refused. Needs Chromium, and tmux for the terminal.
 */
const seconds = Number(process.argv[2] ?? 310)
const folder = 'docs/images'
const main = fileURLToPath(new URL('../src/main.js', import.meta.url))

async function shipForAWhile(demo: PageDemo): Promise<void> {
  const startedMs = performance.now()
  let letters = 0
  for (let second = 0; second < seconds;) {
    second = (performance.now() - startedMs) / 1000
    const wave = 1 + 0.5 * Math.sin(second / 25)
    for (let part = 0; part < 4; part++) {
      demo.traffic.write(Math.round(110 * wave))
      await sleep(250)
    }
    if (second > 20 * (letters + 1)) demo.traffic.writeMisfit(letters++ % 3 === 2)
    const share = second / seconds
    demo.rig.elasticsearch.faults.set(
      (share > 0.45 && share < 0.63) || share > 0.88 ? { refuse: 1, statuses: [503] } : {},
    )
  }
}

async function openByToken(page: BrowserPage): Promise<void> {
  await page.focus('#token')
  await page.type(demoToken)
  await page.press('Enter')
  await page.focus('#tail-where')
  await page.type("level == 'error' || level == 'warn'")
  await page.press('Enter')
  await page.seen(`document.querySelectorAll('.lines li').length > 12`)
  await page.evaluate('scrollTo(0, 0); document.activeElement.blur()')
}

async function picture(
  page: BrowserPage,
  name: string,
  look: Look & { readonly tall?: number },
): Promise<void> {
  await page.look(look)
  // Two frames, so that plots have their new width.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
  await sleep(300)
  writeFileSync(join(folder, name), await page.picture(look.tall))
}

/** What `logferry top` draws on a real terminal, with its colours. */
async function topScreen(config: string): Promise<string> {
  const session = `logferry-top-${process.pid}`
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-L', session, ...args], { encoding: 'utf8' })
  tmux('new-session', '-d', '-x', '104', '-y', '24', `${process.execPath} ${main} top -c ${config}`)
  await sleep(4000)
  const screen = tmux('capture-pane', '-e', '-p')
  tmux('kill-server')
  return screen
}

const { path, why } = findChromium()
if (why !== false) throw new Error(why)
mkdirSync(folder, { recursive: true })
const demo = new PageDemo()
const chromium = new Chromium(path)
try {
  const url = await demo.start()
  const shipping = shipForAWhile(demo)
  await Promise.race([shipping, sleep((seconds - 20) * 1000)])
  const page = await chromium.page(url)
  await page.look({ width: 1280, height: 900, scheme: 'light' })
  await openByToken(page)
  await picture(page, 'page.png', { width: 1280, height: 900, scheme: 'light', tall: 1180 })
  await page.evaluate(`document.querySelector('#letter-list details').open = true`)
  await page.evaluate(`document.querySelector('#letters').scrollIntoView()`)
  await picture(page, 'page-letters-and-tail.png', { width: 1280, height: 900, scheme: 'light' })
  await page.evaluate('scrollTo(0, 0)')
  await picture(page, 'page-dark.png', { width: 1280, height: 900, scheme: 'dark' })
  await picture(page, 'page-narrow.png', { width: 360, height: 740, scheme: 'light', tall: 1500 })
  const top = await chromium.page(terminalPage(await topScreen(demo.rig.configPath)))
  await top.look({ width: 900, height: 390, scheme: 'dark' })
  writeFileSync(join(folder, 'top.png'), await top.picture())
  process.stdout.write(`${[...page.complaints, ...top.complaints].join('\n') || 'no complaints'}\n`)
  await shipping
} finally {
  await chromium.close()
  await demo.close()
}
