import type { Aggregation, Target } from '../support/dashboards.ts'
import { tell } from './servers.ts'

/** What Grafana makes of the queries of a panel before it sends them, as its sources say (Grafana itself is not here). */

export interface Range {
  readonly fromMs: number
  readonly toMs: number
}

/** `$name` and `${name}` or `${name:format}`; a variable that is not given stays, and the server will refuse it. */
export function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g,
    (whole, braced?: string, plain?: string) => variables[braced ?? plain ?? ''] ?? whole,
  )
}

/** The answer to a target of the Elasticsearch data source. */
export async function searchAsGrafana(
  es: string,
  index: string,
  { target, range, query }: { target: Target; range: Range; query: string },
): Promise<any> {
  return tell(es, 'POST', `/${index}/_search`, requestOf(target, range, query))
}

function requestOf(target: Target, range: Range, query: string): object {
  const { metrics, bucketAggs: buckets, timeField: time } = target
  const bounds = { gte: range.fromMs, lte: range.toMs, format: 'epoch_millis' }
  const filter = [{ range: { [time]: bounds } }, { query_string: { analyze_wildcard: true, query } }]
  if (metrics[0]?.type === 'logs') {
    return {
      size: Number(metrics[0].settings.limit),
      query: { bool: { filter } },
      sort: [{ [time]: { order: 'desc', unmapped_type: 'boolean' } }, { _doc: { order: 'desc' } }],
      docvalue_fields: [time],
      highlight: { fields: { '*': {} }, fragment_size: 2_147_483_647 },
      aggs: { 1: histogram({ id: '1', type: 'date_histogram', field: time, settings: {} }, range) },
    }
  }
  let aggs: Record<string, object> = Object.fromEntries(
    metrics
      .filter(({ type }) => type !== 'count')
      .map(({ id, type, field, settings }) => [id, { [type]: { field, ...settings } }]),
  )
  for (const bucket of buckets.toReversed())
    aggs = { [bucket.id]: { ...bucketOf(bucket, range), ...(Object.keys(aggs).length > 0 && { aggs }) } }
  return { size: 0, query: { bool: { filter } }, aggs }
}

function bucketOf(bucket: Aggregation, range: Range): object {
  const { type, field, settings } = bucket
  if (type === 'date_histogram') return histogram(bucket, range)
  if (type === 'terms') {
    const order = { [String(settings.orderBy)]: settings.order }
    return { terms: { field, size: Number(settings.size), min_doc_count: 1, order } }
  }
  if (type === 'filters') {
    const list = settings.filters ?? []
    const named = list.map(({ query, label }) => [label, { query_string: { query, analyze_wildcard: true } }])
    return { filters: { filters: Object.fromEntries(named) } }
  }
  throw new Error(`no bucket ${type} here yet`)
}

function histogram({ field, settings }: Aggregation, { fromMs, toMs }: Range): object {
  const interval = settings.interval ?? 'auto'
  return {
    date_histogram: {
      field,
      fixed_interval: interval === 'auto' ? '30000ms' : interval,
      min_doc_count: Number(settings.min_doc_count ?? 0),
      extended_bounds: { min: fromMs, max: toMs },
      format: 'epoch_millis',
    },
  }
}
