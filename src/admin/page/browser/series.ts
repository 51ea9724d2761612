import type { HistoryPart, SeriesByName, Values } from './agent-state.ts'

const kinds = ['sources', 'sinks', 'buffer'] as const
type Kind = (typeof kinds)[number]

export interface Line {
  readonly name: string
  readonly values: Values
}

/** What the page knows of the last minutes: it asks for what is new, and puts it behind what it has. */
export class Series {
  readonly #moments: number
  #run = ''
  #next = 0
  #times: number[] = []
  readonly #values = new Map<string, (number | null)[]>()

  constructor(moments: number) {
    this.#moments = moments
  }

  /** For the next question. */
  get query(): string {
    return this.#run === '' ? '' : `from=${this.#next}&run=${this.#run}`
  }

  get times(): readonly number[] {
    return this.#times
  }

  add(part: HistoryPart): void {
    if (part.run !== this.#run || part.from !== this.#next) this.#begin()
    this.#run = part.run
    this.#next = part.from + part.times.length
    this.#times = [...this.#times, ...part.times].slice(-this.#moments)
    const unknown = part.times.map(() => null)
    const news = newValues(part)
    for (const key of new Set([...this.#values.keys(), ...news.keys()])) {
      const before = this.#values.get(key) ?? []
      const all = [...before, ...(news.get(key) ?? unknown)].slice(-this.#times.length)
      if (all.some((value) => value !== null)) this.#values.set(key, all)
      else this.#values.delete(key)
    }
  }

  /** Each name's values of a measure, the largest first; those beyond `most` are added up as the last line. */
  lines(kind: Kind, measure: string, most: number): Line[] {
    const all: Line[] = []
    for (const [key, values] of this.#values) {
      const [ofKind, name, ofMeasure] = key.split('\0')
      if (ofKind === kind && ofMeasure === measure) all.push({ name: name!, values: this.#filled(values) })
    }
    all.sort((a, b) => (a.name < b.name ? -1 : 1))
    if (all.length <= most) return all
    const bySize = all.toSorted((a, b) => sizeOf(b) - sizeOf(a))
    const rest = bySize.slice(most - 1)
    const shown = all.filter((line) => !rest.includes(line))
    return [...shown, { name: `${rest.length} others`, values: sumOf(rest) }]
  }

  #begin(): void {
    this.#times = []
    this.#values.clear()
  }

  /** A name that came later has nothing before. */
  #filled(values: Values): Values {
    const missing = this.#times.length - values.length
    return missing > 0 ? [...Array.from({ length: missing }, () => null), ...values] : values
  }
}

function newValues(part: HistoryPart): Map<string, Values> {
  const news = new Map<string, Values>()
  for (const kind of kinds) {
    const byName: SeriesByName = part[kind]
    for (const [name, measures] of Object.entries(byName))
      for (const [measure, values] of Object.entries(measures))
        news.set(`${kind}\0${name}\0${measure}`, values)
  }
  return news
}

const sizeOf = ({ values }: Line): number => values.reduce<number>((sum, value) => sum + (value ?? 0), 0)

function sumOf(lines: readonly Line[]): Values {
  const length = Math.max(...lines.map(({ values }) => values.length))
  return Array.from({ length }, (_, index) => {
    const known = lines.map(({ values }) => values[index] ?? null).filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
  })
}
