/** Seconds; from a server next door to the longest timeout that people set. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const

interface Times {
  /** By bound, with one more for what took longer than all. */
  readonly counts: number[]
  sum: number
}

/** One line of a histogram as Prometheus wants it. */
interface HistogramSample {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** How long requests took, by sink, kept from the start on: prom-client is there only once somebody scrapes. */
export class RequestTimes {
  readonly #bySink = new Map<string, Times>()

  observe(sink: string, seconds: number): void {
    const times = this.#bySink.get(sink) ?? {
      counts: Array.from({ length: bounds.length + 1 }, () => 0),
      sum: 0,
    }
    this.#bySink.set(sink, times)
    const place = bounds.findIndex((bound) => seconds <= bound)
    const index = place < 0 ? bounds.length : place
    times.counts[index] = times.counts[index]! + 1
    times.sum += seconds
  }

  /** Buckets hold what is in the smaller ones too. */
  samples(name: string): HistogramSample[] {
    return [...this.#bySink].flatMap(([sink, { counts, sum }]) => {
      let count = 0
      const buckets = counts.map((own, index) => {
        count += own
        return { metricName: `${name}_bucket`, labels: { le: bounds[index] ?? '+Inf', sink }, value: count }
      })
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels: { sink }, value: sum },
        { metricName: `${name}_count`, labels: { sink }, value: count },
      ]
    })
  }
}
