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

const pageSize = 5000

function entriesOf(answer: QueryAnswer): Entry[] {
  return answer.data.result.flatMap(({ stream, values }) =>
    values.map(([time, line]) => ({ labels: stream, time, line })),
  )
}

interface QueryAnswer {
  readonly data: {
    readonly result: readonly {
      readonly stream: Readonly<Record<string, string>>
      readonly values: readonly (readonly [string, string])[]
    }[]
  }
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
      limit: String(pageSize),
      direction: 'forward',
    })
    const answer = await ask(`${loki}/loki/api/v1/query_range?${query.toString()}`)
    const page = entriesOf(answer)
    for (const entry of page) entries.set(JSON.stringify([entry.labels, entry.time, entry.line]), entry)
    const last = page.reduce((newest, { time }) => (BigInt(time) > BigInt(newest) ? time : newest), start)
    if (page.length < pageSize || last === start) return [...entries.values()]
    start = last
  }
}
