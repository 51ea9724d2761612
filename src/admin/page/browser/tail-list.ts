import { element } from './elements.ts'
import { timeOfDay } from './formats.ts'
import { tailLine } from './tail-lines.ts'

/** So many lines stand on the page; older ones leave. */
const mostLines = 400

const tones: Readonly<Record<string, string>> = { warn: 'warn-text', error: 'bad-text', fatal: 'bad-text' }

/** The lines of the live tail. They are drawn once a frame, and only the newest: who reads slowly stops nothing. */
export class TailList {
  readonly root: HTMLElement
  readonly #list = element('ol', { class: 'lines' })
  #waiting: string[] = []
  #frame = 0
  isPaused = false
  /** Lines that came too fast to be drawn, or while it was paused, since the last clear. */
  passed = 0
  readonly #drawn: () => void

  constructor(drawn: () => void) {
    this.#drawn = drawn
    this.root = element(
      'div',
      { class: 'tail-lines', role: 'region', 'aria-label': 'Events as they pass', tabindex: '0' },
      this.#list,
    )
  }

  add(lines: readonly string[]): void {
    this.#waiting.push(...lines)
    const over = this.#waiting.length - mostLines
    if (over > 0) {
      this.#waiting.splice(0, over)
      this.passed += over
    }
    // Without a frame, in a tab that nobody sees, nothing is drawn and what waits stays bounded.
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw())
  }

  setPaused(isPaused: boolean): void {
    this.isPaused = isPaused
    if (!isPaused) this.#draw()
  }

  clear(): void {
    this.#waiting = []
    this.passed = 0
    this.#list.replaceChildren()
  }

  #draw(): void {
    this.#frame = 0
    if (this.isPaused) return
    const isAtEnd = this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < 40
    this.#list.append(...this.#waiting.map(lineOf))
    this.#waiting = []
    while (this.#list.childElementCount > mostLines) this.#list.firstElementChild!.remove()
    // Who has scrolled back to read stays there.
    if (isAtEnd) this.root.scrollTop = this.root.scrollHeight
    this.#drawn()
  }
}

/** Text nodes only, whatever stands in the event. */
function lineOf(line: string): HTMLElement {
  const { time, level, source, message, rest } = tailLine(line)
  const ms = Date.parse(time)
  return element(
    'li',
    {},
    element('span', { class: 'dim' }, Number.isNaN(ms) ? time : timeOfDay(ms)),
    ' ',
    element('span', { class: `level ${tones[level] ?? 'dim'}` }, level),
    ' ',
    element('span', { class: 'source' }, source),
    ' ',
    element('span', { class: 'message' }, message),
    ' ',
    element('span', { class: 'rest dim' }, rest),
  )
}
