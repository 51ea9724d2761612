import { ledgerOf } from '../ledger/ledger.ts'
import type { AgentView } from '../telemetry/view.ts'
import type { HealthReport } from './health.ts'
import { formatBytes, formatDuration } from './quantities.ts'

export interface PageContext {
  readonly showsPaths: boolean
  /** Takes the secrets out, before characters are replaced for HTML and a secret could no longer be recognised. */
  redact(text: string): string
}

/** Files shown on the page; `/status` has them all. */
const maxFiles = 200

const style =
  'body{font:14px/1.4 system-ui,sans-serif;margin:2em;max-width:80em}table{border-collapse:collapse;margin:0 0 1.5em}' +
  'td,th{border:1px solid #8884;padding:.2em .6em;text-align:left}.degraded{color:#b60}.unhealthy{color:#c00}' +
  ':root{color-scheme:light dark}'

/** No script, nothing from elsewhere: the browser itself asks again every five seconds. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  refresh: '5',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
} as const

type Cells = readonly (string | number)[]

/** `/`: health and status as plain tables. */
export function renderPage(view: AgentView, health: HealthReport, context: PageContext): string {
  const table = (head: Cells, rows: readonly Cells[]): string => {
    const lines = [tableRow('th', head, context), ...rows.map((row) => tableRow('td', row, context))]
    return `<table>${lines.join('')}</table>`
  }
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>logferry</title>',
    `<style>${style}</style>`,
    `<h1>logferry ${escapeHtml(view.version)}: <span class="${health.status}">${health.status}</span></h1>`,
    table(['component', 'status', 'message'], componentRows(health)),
    '<h2>Sinks</h2>',
    table(
      ['sink', 'state', 'events to go', 'behind', 'in flight', 'retries', 'dead letters'],
      sinkRows(view),
    ),
    '<h2>Sources</h2>',
    table(['source', 'read', 'events', 'parse errors', 'lost', 'lane'], sourceRows(view)),
    '<h2>Ledger, in events</h2>',
    table(
      ['source', 'sink', 'read', 'acknowledged', 'dead-lettered', 'dropped', 'filtered', 'in buffer'],
      ledgerRows(view),
    ),
    `<h2>Files: ${view.files().length}</h2>`,
    context.showsPaths
      ? table(['source', 'path', 'size', 'to read'], fileRows(view))
      : '<p>Paths are shown to this host, or with admin.token.</p>',
    '<p><a href="/status">/status</a> <a href="/health">/health</a> <a href="/metrics">/metrics</a></p></html>\n',
  ].join('\n')
}

function componentRows({ components }: HealthReport): Cells[] {
  return Object.entries(components).map(([name, { status, message }]) => [name, status, message])
}

function sinkRows(view: AgentView): Cells[] {
  return view.sinks().map((sink) => {
    const behind = formatDuration(sink.lagSeconds * 1000)
    return [
      sink.name,
      sink.state,
      sink.lagEvents,
      behind,
      sink.inFlight,
      sink.retries,
      sink.deadLettersStored,
    ]
  })
}

function sourceRows(view: AgentView): Cells[] {
  return view
    .sources()
    .map(({ name, counts, lane }) => [
      name,
      formatBytes(counts.readBytes),
      counts.readEvents,
      counts.parseErrors,
      formatBytes(sumOf(counts.lostBytes)),
      lane,
    ])
}

function ledgerRows(view: AgentView): Cells[] {
  return Object.entries(ledgerOf(view)).flatMap(([source, { read_events, sinks }]) =>
    Object.entries(sinks).map(([sink, row]) => [
      source,
      sink,
      read_events,
      row.acknowledged,
      row.dead_lettered,
      sumOf(row.dropped),
      row.filtered,
      row.in_buffer,
    ]),
  )
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function fileRows(view: AgentView): Cells[] {
  const files = view.files().slice(0, maxFiles)
  return files.map((file) => [file.source, file.path, formatBytes(file.size), formatBytes(file.lagBytes)])
}

function tableRow(tag: 'th' | 'td', cells: Cells, context: PageContext): string {
  const shown = cells.map((text) => `<${tag}>${escapeHtml(context.redact(String(text)))}</${tag}>`)
  return `<tr>${shown.join('')}</tr>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]!)
}
