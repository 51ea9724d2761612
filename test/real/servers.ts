/** The real servers that `npm run test:real` started, and small questions to them. */
export interface Servers {
  readonly es: string
  readonly loki: string
  /** Why these tests are skipped, or false. */
  readonly why: string | false
}

export function servers(): Servers {
  const es = process.env['LOGFERRY_ES_URL'] ?? ''
  const loki = process.env['LOGFERRY_LOKI_URL'] ?? ''
  return { es, loki, why: es !== '' && loki !== '' ? false : 'needs the servers of npm run test:real' }
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

/** How many documents the indices that start with `prefix` hold, refreshed first. */
export async function isThere(es: string, prefix: string): Promise<number> {
  await ask(`${es}/${prefix}*/_refresh`)
  return (await ask(`${es}/${prefix}*/_count`))?.count ?? 0
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

export interface Entry {
  /** Labels and structured metadata together, as Loki shows them. */
  readonly labels: Readonly<Record<string, string>>
  readonly time: string
  readonly line: string
}

/** Every entry that a selector finds, paged by time: a page starts at the last time of the one before, and what repeats is left out. */
export async function allEntries(
  loki: string,
  selector: string,
  window: { startMs: number; endMs: number },
): Promise<Entry[]> {
  const entries = new Map<string, Entry>()
  let start = `${window.startMs}000000`
  for (;;) {
    const query = new URLSearchParams({
      query: selector,
      start,
      end: `${window.endMs}000000`,
      limit: '5000',
      direction: 'forward',
    })
    const answer = await ask(`${loki}/loki/api/v1/query_range?${query}`)
    let found = 0
    let last = start
    for (const { stream, values } of answer.data.result as {
      stream: Record<string, string>
      values: [string, string][]
    }[]) {
      for (const [time, line] of values) {
        found += 1
        if (BigInt(time) > BigInt(last)) last = time
        entries.set(JSON.stringify([stream, time, line]), { labels: stream, time, line })
      }
    }
    if (found < 5000 || last === start) return [...entries.values()]
    start = last
  }
}
