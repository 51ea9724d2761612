import type { Values } from './agent-state.ts'
import { element, setText, svg } from './elements.ts'
import { timeOfDay } from './formats.ts'
import type { Format } from './formats.ts'
import { axisTo, pathOf, summaryOf, usualMost } from './scale.ts'
import type { Axis, Frame } from './scale.ts'

export interface PlotLine {
  readonly name: string
  /** Number of its colour; lines of the same thing share one. */
  readonly colour: number
  readonly isDashed?: boolean
  readonly values: Values
}

export interface PlotOptions {
  readonly title: string
  readonly isBytes?: boolean
  /** A rare peak may go over the top, with its height in words. */
  readonly cutsPeaks?: boolean
  readonly format: Format
  readonly moments: number
}

const heights = { wide: 132, narrow: 100 } as const
const narrowBelow = 380
const gutter = { left: 64, right: 10, top: 8, bottom: 20 } as const
export const colours = 6

/** A line plot with its legend. Pointer and arrow keys read the values of a moment; a summary is there for who cannot see it. */
export class Plot {
  readonly root: HTMLElement
  readonly #options: PlotOptions
  readonly #drawing: SVGSVGElement
  readonly #legend = element('ul', { class: 'legend' })
  readonly #when = element('span', { class: 'dim when' }, 'now')
  readonly #peak = element('span', { class: 'dim' })
  #lines: readonly PlotLine[] = []
  #times: readonly number[] = []
  #width = 400
  /** Moments back from the newest one; undefined while nobody points anywhere. */
  #back: number | undefined

  constructor(options: PlotOptions) {
    this.#options = options
    this.#drawing = svg('svg', { role: 'img', tabindex: 0, class: 'drawing' })
    const caption = element('figcaption', {}, element('h3', {}, options.title), this.#peak, this.#when)
    this.root = element('figure', { class: 'card plot' }, caption, this.#drawing, this.#legend)
    this.#listen()
  }

  show(times: readonly number[], lines: readonly PlotLine[]): void {
    this.#times = times
    this.#lines = lines
    this.#draw()
  }

  #listen(): void {
    const drawing = this.#drawing
    new ResizeObserver(() => {
      const width = Math.round(drawing.parentElement?.clientWidth ?? 0) - 20
      if (width > 0 && width !== this.#width) {
        this.#width = width
        this.#draw()
      }
    }).observe(this.root)
    drawing.addEventListener('pointermove', (event) => {
      const { left, width } = this.#frame
      const share = 1 - (event.clientX - drawing.getBoundingClientRect().left - left) / width
      this.#pointAt(share * (this.#options.moments - 1))
    })
    for (const name of ['pointerleave', 'blur'])
      drawing.addEventListener(name, () => this.#pointAt(undefined))
    drawing.addEventListener('keydown', (event) => {
      const by = { ArrowLeft: 1, ArrowRight: -1 }[event.key]
      if (event.key === 'Escape') this.#pointAt(undefined)
      if (by === undefined) return
      event.preventDefault()
      this.#pointAt((this.#back ?? 0) + by)
    })
  }

  #pointAt(back: number | undefined): void {
    const most = Math.max(0, this.#times.length - 1)
    this.#back = back === undefined ? undefined : Math.min(most, Math.max(0, Math.round(back)))
    this.#draw()
  }

  get #height(): number {
    return this.#width < narrowBelow ? heights.narrow : heights.wide
  }

  get #frame(): Frame {
    return {
      left: gutter.left,
      top: gutter.top,
      width: this.#width - gutter.left - gutter.right,
      height: this.#height - gutter.top - gutter.bottom,
    }
  }

  #draw(): void {
    const { moments, isBytes = false, title, cutsPeaks = false, format } = this.#options
    const high = Math.max(0, ...this.#lines.flatMap(({ values }) => summaryOf(values)?.high ?? 0))
    const axis = axisTo(cutsPeaks ? usualMost(this.#lines.map(({ values }) => values)) : high, isBytes)
    setText(this.#peak, high > axis.top ? `peak ${format(high)}, cut` : '')
    const paths = this.#lines.map((line) =>
      svg('path', {
        class: `line c${line.colour % colours}${line.isDashed === true ? ' dashed' : ''}`,
        d: pathOf(line.values, axis.top, this.#frame, moments),
      }),
    )
    this.#drawing.setAttribute('width', String(this.#width))
    this.#drawing.setAttribute('height', String(this.#height))
    this.#drawing.setAttribute('aria-label', `${title}, the last five minutes. ${this.#summary()}`)
    this.#drawing.replaceChildren(...this.#axis(axis), ...paths, ...this.#cursor())
    this.#drawLegend()
  }

  #axis(axis: Axis): SVGElement[] {
    const { left, top, width, height: inner } = this.#frame
    const lines = axis.ticks.flatMap((tick) => {
      const y = (top + inner * (1 - tick / axis.top)).toFixed(1)
      return [
        svg('line', { class: 'grid', x1: left, x2: left + width, y1: y, y2: y }),
        svg('text', { class: 'tick end', x: left - 6, y: Number(y) + 4 }, this.#options.format(tick)),
      ]
    })
    const below = top + inner + 15
    return [
      ...lines,
      svg('text', { class: 'tick', x: left, y: below }, '5 min ago'),
      svg('text', { class: 'tick end', x: left + width, y: below }, 'now'),
    ]
  }

  #cursor(): SVGElement[] {
    if (this.#back === undefined) return []
    const { left, top, width, height: inner } = this.#frame
    const x = left + width * (1 - this.#back / Math.max(1, this.#options.moments - 1))
    return [svg('line', { class: 'cursor', x1: x, x2: x, y1: top, y2: top + inner })]
  }

  #drawLegend(): void {
    const at = this.#back === undefined ? undefined : this.#times.at(-1 - this.#back)
    setText(this.#when, at === undefined ? 'now' : timeOfDay(at))
    const items = this.#lines.map((line) => {
      const value = line.values.at(-1 - (this.#back ?? 0)) ?? null
      const dash = line.isDashed === true ? { 'stroke-dasharray': '4 3' } : {}
      const mark = svg('line', {
        class: `line c${line.colour % colours}`,
        x1: 0,
        x2: 18,
        y1: 5,
        y2: 5,
        ...dash,
      })
      const swatch = svg('svg', { width: 18, height: 10, 'aria-hidden': 'true' }, mark)
      const text = value === null ? '–' : this.#options.format(value)
      return element('li', {}, swatch, `${line.name} `, element('b', {}, text))
    })
    this.#legend.replaceChildren(...items)
  }

  #summary(): string {
    const { format } = this.#options
    const parts = this.#lines.map(({ name, values }) => {
      const found = summaryOf(values)
      if (!found) return `${name}: nothing known`
      const now = found.last === null ? 'unknown' : format(found.last)
      return `${name}: now ${now}, lowest ${format(found.low)}, highest ${format(found.high)}`
    })
    return parts.length === 0 ? 'Nothing yet.' : `${parts.join('; ')}.`
  }
}
