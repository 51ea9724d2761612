import { formatByteRate, formatBytes, formatRate, formatSeconds } from './formats.ts'
import { colours, Plot } from './plot.ts'
import type { PlotLine, PlotOptions } from './plot.ts'
import type { Line, Series } from './series.ts'

/** A moment each two seconds for five minutes: `historyMoments` of src/core/limits.ts. */
export const moments = 150

interface Drawn {
  readonly plot: Plot
  readonly lines: (series: Series) => PlotLine[]
}

/** THE list of the page's plots. */
export class Plots {
  readonly #drawn: readonly Drawn[] = [
    drawn({ title: 'Read, events', format: formatRate, cutsPeaks: true }, (series) =>
      coloured(series.lines('sources', 'read_events', colours)),
    ),
    drawn({ title: 'Read, bytes', format: formatByteRate, isBytes: true, cutsPeaks: true }, (series) =>
      coloured(series.lines('sources', 'read_bytes', colours)),
    ),
    drawn({ title: 'Delivered, events', format: formatRate, cutsPeaks: true }, (series) =>
      coloured(series.lines('sinks', 'acknowledged', colours)),
    ),
    drawn({ title: 'Requests take (half, 95 %)', format: formatSeconds }, requestLines),
    drawn(
      { title: 'Buffer on disk', format: (value) => formatBytes(Math.round(value)), isBytes: true },
      (series) => coloured(series.lines('buffer', 'bytes', 1)).map((line) => ({ ...line, name: 'in use' })),
    ),
    drawn({ title: 'Age of the oldest event to send', format: formatSeconds }, (series) =>
      coloured(series.lines('sinks', 'lag_seconds', colours)),
    ),
  ]

  constructor(place: HTMLElement) {
    place.append(...this.#drawn.map(({ plot }) => plot.root))
  }

  show(series: Series): void {
    for (const { plot, lines } of this.#drawn) plot.show(series.times, lines(series))
  }
}

const drawn = (options: Omit<PlotOptions, 'moments'>, lines: Drawn['lines']): Drawn => ({
  plot: new Plot({ ...options, moments }),
  lines,
})

const coloured = (lines: readonly Line[]): PlotLine[] => lines.map((line, colour) => ({ ...line, colour }))

/** Two lines a sink, of one colour. */
function requestLines(series: Series): PlotLine[] {
  const half = coloured(series.lines('sinks', 'request_p50', colours))
  const most = new Map(
    series.lines('sinks', 'request_p95', colours).map(({ name, values }) => [name, values]),
  )
  return half.flatMap((line) => [
    { ...line, name: `${line.name} half` },
    { ...line, name: `${line.name} 95 %`, isDashed: true, values: most.get(line.name) ?? [] },
  ])
}
