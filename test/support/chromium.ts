import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { until } from './fake-clock.ts'

/** Debian's Chromium, or the one that LOGFERRY_CHROMIUM names. Why there is none, where that is so. */
export function findChromium(): { readonly path: string; readonly why: string | false } {
  const names = [process.env['LOGFERRY_CHROMIUM'] ?? '', 'chromium'].filter((name) => name !== '')
  const path = names.find((name) => spawnSync(name, ['--version']).status === 0)
  return path === undefined
    ? { path: '', why: 'needs a Chromium: apt-get install chromium, or LOGFERRY_CHROMIUM=PATH' }
    : { path, why: false }
}

type Answer = Record<string, any>

interface Waiting {
  readonly resolve: (result: Answer) => void
  readonly reject: (error: Error) => void
}

/** A headless Chromium, driven by its DevTools protocol over a pipe: no port, no package. */
export class Chromium {
  readonly #child: ChildProcess
  readonly #profile = mkdtempSync(join(tmpdir(), 'logferry-chromium-'))
  readonly #waiting = new Map<number, Waiting>()
  readonly #exited: Promise<unknown>
  readonly #pages = new Map<string, BrowserPage>()
  #id = 0

  constructor(path: string) {
    const flags = [
      '--headless=new',
      '--remote-debugging-pipe',
      // It visits our own page alone, and as root there is no other way.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--hide-scrollbars',
      '--no-first-run',
      '--force-color-profile=srgb',
      `--user-data-dir=${this.#profile}`,
      'about:blank',
    ]
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const
    this.#child = spawn(path, flags, { stdio: [...stdio] })
    this.#exited = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#listen()
  }

  async page(url: string): Promise<BrowserPage> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true })
    const page = new BrowserPage(this, sessionId)
    this.#pages.set(sessionId, page)
    await page.open(url)
    return page
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<Answer> {
    const id = ++this.#id
    const asked = new Promise<Answer>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    this.#pipeIn.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    return asked
  }

  /** Its helpers end with it, but a little later, and write in the profile until then: ENOTEMPTY. */
  async close(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
    await until(() => isRemoved(this.#profile), 'the profile of Chromium is removed')
  }

  get #pipeIn(): Writable {
    const pipe = this.#child.stdio[3]
    if (!(pipe instanceof Writable)) throw new Error('Chromium has no pipe')
    return pipe
  }

  #listen(): void {
    let text = ''
    const out = this.#child.stdio[4]
    if (!(out instanceof Readable)) throw new Error('Chromium has no pipe')
    out.setEncoding('utf8').on('data', (data: string) => {
      const messages = (text + data).split('\0')
      text = messages.pop() ?? ''
      for (const message of messages) this.#take(JSON.parse(message))
    })
    this.#pipeIn.on('error', () => {})
    out.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Chromium has ended'))
    })
  }

  #take({ id, result, error, method, params, sessionId }: Answer): void {
    if (id === undefined) return this.#pages.get(sessionId)?.happened(method, params)
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error) waiting?.reject(new Error(error.message))
    else waiting?.resolve(result)
  }
}

function isRemoved(folder: string): boolean {
  try {
    rmSync(folder, { recursive: true, force: true })
    return true
  } catch {
    return false
  }
}

/** A tab: what a person sees and does in it. */
export class BrowserPage {
  readonly #chromium: Chromium
  readonly #session: string
  /** Errors and warnings of its console, exceptions, and what its policy has refused. */
  readonly complaints: string[] = []
  /** Addresses that it asked for. */
  readonly requests: string[] = []
  #loaded: () => void = () => {}

  constructor(chromium: Chromium, session: string) {
    this.#chromium = chromium
    this.#session = session
  }

  async open(url: string): Promise<void> {
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.send(`${domain}.enable`)
    const loaded = new Promise<void>((resolve) => (this.#loaded = resolve))
    await this.send('Page.navigate', { url })
    await loaded
  }

  send(method: string, params: object = {}): Promise<Answer> {
    return this.#chromium.send(method, params, this.#session)
  }

  async close(): Promise<void> {
    await this.send('Page.close')
  }

  happened(method: string, params: Answer): void {
    if (method === 'Page.loadEventFired') this.#loaded()
    if (method === 'Network.requestWillBeSent') this.requests.push(params['request'].url)
    if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params['entry'].level))
      this.complaints.push(`${params['entry'].text} ${params['entry'].url ?? ''}`)
    if (method === 'Runtime.exceptionThrown')
      this.complaints.push(
        params['exceptionDetails'].exception?.description ?? params['exceptionDetails'].text,
      )
    if (method === 'Runtime.consoleAPICalled' && ['error', 'warning'].includes(params['type']))
      this.complaints.push(JSON.stringify(params['args']))
    if (method === 'Page.javascriptDialogOpening') this.complaints.push(`a dialog: ${params['message']}`)
  }

  /** The value of an expression, awaited. */
  async evaluate(expression: string): Promise<any> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  /** Waits until an expression is true. */
  seen(condition: string): Promise<void> {
    return until(async () => Boolean(await this.evaluate(condition)), condition)
  }

  /** Waits until it can be typed into, and has the focus. */
  async focus(selector: string): Promise<void> {
    const place = `document.querySelector(${JSON.stringify(selector)})`
    await this.seen(`${place}?.checkVisibility()`)
    await this.evaluate(`${place}.focus()`)
  }

  /** A key as a person presses it: `Tab`, `Enter`, `ArrowLeft`. */
  async press(key: string): Promise<void> {
    const codes: Record<string, number> = { Tab: 9, Enter: 13, Escape: 27, ' ': 32, ArrowLeft: 37 }
    const text = { Enter: '\r', ' ': ' ' }[key]
    const event = { key, code: key === ' ' ? 'Space' : key, windowsVirtualKeyCode: codes[key], text }
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event })
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
  }

  /** Into what has the focus. */
  async type(text: string): Promise<void> {
    await this.send('Input.insertText', { text })
  }

  async look({ width, height, scheme }: Look): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    })
    await this.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    })
  }

  /** A PNG of what is seen, or of a stretch from the top. */
  async picture(height?: number): Promise<Buffer> {
    const { cssContentSize } = await this.send('Page.getLayoutMetrics')
    const clip = height && { x: 0, y: 0, width: cssContentSize.width, height, scale: 1 }
    const { data } = await this.send('Page.captureScreenshot', {
      format: 'png',
      ...(clip && { clip, captureBeyondViewport: true }),
    })
    return Buffer.from(data, 'base64')
  }
}

export interface Look {
  readonly width: number
  readonly height: number
  readonly scheme: 'light' | 'dark'
}
