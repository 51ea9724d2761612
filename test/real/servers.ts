/** The real servers that `npm run test:real` started, and small questions to them. */
export interface Servers {
  readonly es: string
  readonly loki: string
  /** An Elasticsearch and a Loki that are soon full. */
  readonly tightEs: string
  readonly tightLoki: string
  /** Why these tests are skipped, or false. */
  readonly why: string | false
}

export function servers(): Servers {
  const es = process.env['LOGFERRY_ES_URL'] ?? ''
  const loki = process.env['LOGFERRY_LOKI_URL'] ?? ''
  const tightEs = process.env['LOGFERRY_ES_TIGHT_URL'] ?? ''
  const tightLoki = process.env['LOGFERRY_LOKI_TIGHT_URL'] ?? ''
  const isComplete = [es, loki, tightEs, tightLoki].every((url) => url !== '')
  return { es, loki, tightEs, tightLoki, why: isComplete ? false : 'needs the servers of npm run test:real' }
}

/** One of the servers that speak the bulk API, for suites that run against each of them. */
export interface BulkServer {
  readonly product: 'Elasticsearch' | 'OpenSearch'
  /** How its version begins. */
  readonly version: string
  readonly url: string
  /** It takes no body above 2 MiB. */
  readonly isSmall: boolean
  readonly why: string | false
}

export function bulkServers(): BulkServer[] {
  const server = (
    product: BulkServer['product'],
    version: string,
    { variable, isSmall }: { variable: string; isSmall: boolean },
  ): BulkServer => {
    const url = process.env[variable] ?? ''
    return { product, version, url, isSmall, why: url === '' && `${variable} is not set` }
  }
  return [
    server('Elasticsearch', '9.', { variable: 'LOGFERRY_ES_URL', isSmall: false }),
    server('Elasticsearch', '8.19.', { variable: 'LOGFERRY_ES8_URL', isSmall: true }),
    server('OpenSearch', '3.', { variable: 'LOGFERRY_OPENSEARCH_URL', isSmall: true }),
  ]
}

export interface Document {
  readonly _index: string
  readonly _id: string
  readonly _source: Record<string, unknown>
}

async function ask(url: string, body?: object): Promise<any> {
  const init = body
    ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    : {}
  const answer = await fetch(url, init)
  const text = await answer.text()
  if (!answer.ok && answer.status !== 404) throw new Error(`${url}: ${answer.status} ${text}`)
  return answer.ok ? JSON.parse(text) : undefined
}

/** Every document of an index pattern, read page by page. */
export async function allDocuments(es: string, pattern: string): Promise<Document[]> {
  await ask(`${es}/${pattern}/_refresh`)
  const documents: Document[] = []
  let page = await ask(`${es}/${pattern}/_search?scroll=1m`, { size: 10_000, sort: ['_doc'] })
  while (page?.hits.hits.length > 0) {
    documents.push(...page.hits.hits)
    page = await ask(`${es}/_search/scroll`, { scroll: '1m', scroll_id: page._scroll_id })
  }
  return documents
}

/** Removes what a test made; one by one, as since version 8 a server deletes no pattern. */
export async function deleteIndices(es: string, prefix: string): Promise<void> {
  if (es === '') return
  const found = (await ask(`${es}/${prefix}*/_settings?expand_wildcards=all`)) ?? {}
  for (const name of Object.keys(found).filter((one) => one.startsWith(prefix))) {
    await fetch(`${es}/${encodeURIComponent(name)}`, { method: 'DELETE' })
  }
}

/** Any other request to Elasticsearch: its answer, which must be a good one. */
export async function tell(es: string, method: string, path: string, body?: object): Promise<any> {
  const answer = await fetch(es + path, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return JSON.parse(text || '{}')
}

export interface Entry {
  /** What makes the stream, with Loki's own `service_name`. */
  readonly labels: Readonly<Record<string, string>>
  /** Structured metadata, with Loki's own `detected_level`. */
  readonly metadata: Readonly<Record<string, string>>
  /** Nanoseconds since 1970. */
  readonly time: string
  readonly line: string
}

export interface LokiQuery {
  readonly selector: string
  readonly startMs: number
  readonly endMs: number
  readonly tenant?: string
  /** Loki carries 4 MB between its own parts: large lines need small pages. */
  readonly pageEntries?: number
}

/** What makes Loki answer labels and structured metadata apart. */
const apart = { 'x-loki-response-encoding-flags': 'categorize-labels' }

/** Every entry that a selector finds, paged by time: a page starts at the last time of the one before, and what repeats is left out. */
export async function allEntries(
  loki: string,
  { selector, startMs, endMs, tenant, pageEntries = 5000 }: LokiQuery,
): Promise<Entry[]> {
  const entries = new Map<string, Entry>()
  let start = `${startMs}000000`
  for (;;) {
    const query = new URLSearchParams({
      query: selector,
      start,
      end: `${endMs}000000`,
      limit: String(pageEntries),
      direction: 'forward',
    })
    const answer = await fetch(`${loki}/loki/api/v1/query_range?${query.toString()}`, {
      headers: { ...apart, ...(tenant !== undefined && { 'x-scope-orgid': tenant }) },
    })
    if (!answer.ok) throw new Error(`${selector}: ${answer.status} ${await answer.text()}`)
    const page = pageOf(await answer.json())
    const last = page.reduce((most, { time }) => (BigInt(time) > BigInt(most) ? time : most), start)
    for (const entry of page) entries.set(JSON.stringify(entry), entry)
    if (page.length < pageEntries || last === start) return [...entries.values()]
    start = last
  }
}

function pageOf(answer: any): Entry[] {
  const streams: {
    stream: Record<string, string>
    values: [string, string, { structuredMetadata?: Record<string, string> }][]
  }[] = answer.data.result
  return streams.flatMap(({ stream, values }) =>
    values.map(([time, line, more]) => ({
      labels: stream,
      metadata: more.structuredMetadata ?? {},
      time,
      line,
    })),
  )
}
