const textFormat = 'text/plain; version=0.0.4; charset=utf-8'
const openMetricsFormat = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

export interface MetricsFormat {
  readonly isOpenMetrics: boolean
  readonly contentType: string
}

/** OpenMetrics only where it is named, and not liked less than plain text: a browser's wildcard gets plain text. */
export function chooseMetricsFormat(accept: string | undefined): MetricsFormat {
  const qualities = readAccept(accept ?? '')
  const openMetrics = qualities.get('application/openmetrics-text') ?? 0
  const text = qualities.get('text/plain') ?? 0
  const isOpenMetrics = openMetrics > 0 && openMetrics >= text
  return { isOpenMetrics, contentType: isOpenMetrics ? openMetricsFormat : textFormat }
}

/** The highest quality of each media type in an Accept header (RFC 9110, 12.5.1); versions are not told apart. */
function readAccept(accept: string): Map<string, number> {
  const qualities = new Map<string, number>()
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const quality = parameters.find((parameter) => parameter.startsWith('q='))
    const parsed = quality === undefined ? 1 : Number(quality.slice(2))
    qualities.set(type, Math.max(qualities.get(type) ?? 0, Number.isFinite(parsed) ? parsed : 0))
  }
  return qualities
}

/**
 * The plain text format as OpenMetrics. prom-client can write it too, but renames its counters for good while doing so,
 * and every later plain scrape would miss their `_total`.
 */
export function toOpenMetrics(text: string): string {
  const families = text.trimEnd().split(/\n\n+/)
  return `${families.map(toOpenMetricsFamily).join('\n')}\n# EOF\n`
}

/** In OpenMetrics the family of a counter has no `_total`, only its samples have. */
function toOpenMetricsFamily(family: string): string {
  const counter = /^# TYPE (\S+) counter$/m.exec(family)?.[1]
  if (counter === undefined) return family
  if (!counter.endsWith('_total')) {
    return family.replaceAll(new RegExp(`^${counter}(?=[{ ])`, 'gm'), `${counter}_total`)
  }
  const base = counter.slice(0, -'_total'.length)
  return family.replaceAll(
    new RegExp(`^# (HELP|TYPE) ${counter} `, 'gm'),
    (_line, kind: string) => `# ${kind} ${base} `,
  )
}
