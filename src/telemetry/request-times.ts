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

  /** Requests so far, by bound; undefined before a sink's first one. Another call is another array. */
  countsOf(sink: string): readonly number[] | undefined {
    return this.#bySink.get(sink)?.counts.slice()
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

/**
 * Seconds within which the `share` (0 to 1) of the requests between two looks ended, as `histogram_quantile` of Prometheus
 * has it: within a bucket it is a guess. Undefined where there were none.
 */
export function secondsWithin(
  share: number,
  before: readonly number[] | undefined,
  now: readonly number[] | undefined,
): number | undefined {
  if (!now) return undefined
  const counts = now.map((count, index) => count - (before?.[index] ?? 0))
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total <= 0) return undefined
  let left = share * total
  for (const [index, count] of counts.entries()) {
    const high = bounds[index]
    // Longer than all bounds: the last bound is all that is known.
    if (high === undefined) return bounds.at(-1)
    const low = bounds[index - 1] ?? 0
    if (count > 0 && left <= count) return low + ((high - low) * left) / count
    left -= count
  }
  return bounds.at(-1)
}
