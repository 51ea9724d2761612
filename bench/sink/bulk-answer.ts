/** What Elasticsearch says of an event when it is asked for everything; rsyslog asks so. */
const wholeItem =
  '"_index":"bench-2026.01.20","_id":"Zm9v-2cmt3hX0sVbTzq1","_version":1,"result":"created","_shards":{"total":2,"successful":1,"failed":0},"_seq_no":1048576,"_primary_term":1,"status":201'

/**
 * A bulk answer in which all went well, as Elasticsearch writes it: one item for each action, of which `filter_path` (as
 * it stands in the query, null for none) leaves what it names.
 */
export function bulkAnswer(events: number, filterPath: string | null, action: string): string {
  const paths = filterPath?.split(',') ?? []
  const wants = (path: string): boolean => filterPath === null || paths.includes(path)
  const item = filterPath === null ? wholeItem : wants('items.*.status') ? '"status":201' : ''
  const parts = [
    ...(wants('took') ? ['"took":30'] : []),
    ...(wants('errors') ? ['"errors":false'] : []),
    ...(item === '' ? [] : [`"items":[${items(events, `{"${action}":{${item}}}`)}]`]),
  ]
  return `{${parts.join(',')}}`
}

let lastItems = { events: -1, item: '', text: '' }

/** Most requests of a run are equally large, so the text is kept. */
function items(events: number, item: string): string {
  if (lastItems.events !== events || lastItems.item !== item) {
    lastItems = { events, item, text: Array.from({ length: events }).fill(item).join(',') }
  }
  return lastItems.text
}
