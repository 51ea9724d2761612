import { limits } from '../core/limits.ts'

/** By name (of a source, say) and by what is measured: a value for each moment. */
export type SeriesByName = Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>

interface Named {
  readonly measures: Map<string, Float64Array>
  /** Moments since its last value: a name that a reload has taken away leaves when nothing of it is left. */
  silentFor: number
}

/** Series of the last `limits.historyMoments` moments, by name and measure. A moment of which nothing is known is NaN. */
export class SeriesRings {
  readonly #byName = new Map<string, Named>()
  #place = 0

  /** Begins a moment. What stood at this place before is overwritten. */
  open(place: number): void {
    this.#place = place
    for (const [name, named] of this.#byName) {
      named.silentFor += 1
      if (named.silentFor > limits.historyMoments) this.#byName.delete(name)
      for (const values of named.measures.values()) values[place] = Number.NaN
    }
  }

  /** Above `limits.historyNames` names nothing is kept of another one. */
  put(name: string, measure: string, value: number): void {
    const named = this.#byName.get(name) ?? this.#add(name)
    if (!named) return
    named.silentFor = 0
    let values = named.measures.get(measure)
    if (!values) {
      values = new Float64Array(limits.historyMoments).fill(Number.NaN)
      named.measures.set(measure, values)
    }
    values[this.#place] = value
  }

  at(places: readonly number[]): SeriesByName {
    return Object.fromEntries(
      [...this.#byName].map(([name, { measures }]) => [
        name,
        Object.fromEntries(
          [...measures].map(([measure, values]) => [measure, places.map((place) => shown(values[place]!))]),
        ),
      ]),
    )
  }

  #add(name: string): Named | undefined {
    if (this.#byName.size >= limits.historyNames) return undefined
    const named = { measures: new Map<string, Float64Array>(), silentFor: 0 }
    this.#byName.set(name, named)
    return named
  }
}

/** Four digits are more than a plot shows; JSON has no NaN. */
const shown = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(4)) : null)
