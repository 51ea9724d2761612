import { formatBytes, formatCount, formatDuration } from '../admin/quantities.ts'
import type { Style } from './io.ts'
import type { AgentState, HealthAnswer, StatusAnswer } from './status-answer.ts'
import { isRemoved, noteLines, notReadNotes, sinkNotes } from './status-notes.ts'
import type { NoteOptions } from './status-notes.ts'
import { formatTable } from './table.ts'
import type { Column } from './table.ts'

export interface TableOptions extends NoteOptions {
  /** Files with the most to read first, so many, below so many lines of other tables. */
  readonly mostFiles: (linesAbove: number) => number
  /** Events and bytes a second since the look before, for `logferry top`. */
  readonly rates?: Rates | undefined
}

export interface Rates {
  readonly readBytes: ReadonlyMap<string, number>
  readonly readEvents: ReadonlyMap<string, number>
  /** By sink. */
  readonly acknowledged: ReadonlyMap<string, number>
}

/** The state of the agent as tables that fit into `width` columns. */
export function statusLines({ status, health }: AgentState, options: TableOptions): string[] {
  const { style, mostFiles } = options
  const above = [
    `${style.bold(`logferry ${status.version}`)}: ${healthText(health.status, style)}`,
    ...troubles(health, options),
    '',
    ...sourceTable(status, options),
    '',
    ...sinkTable(status, options),
    '',
    bufferLine(status, style),
  ]
  return [...above, ...fileTable(status, mostFiles(above.length), options)]
}

function healthText(status: string, style: Style): string {
  return status === 'healthy'
    ? style.green(status)
    : status === 'degraded'
      ? style.yellow(status)
      : style.red(status)
}

/** Only what is not well: the rest is what the tables say. */
function troubles({ components }: HealthAnswer, { width, style }: TableOptions): string[] {
  return Object.entries(components)
    .filter(([, { status }]) => status !== 'healthy')
    .flatMap(([name, { status, message }]) =>
      noteLines(
        `${status} ${name}`,
        message,
        width,
        (head) => healthText(status, style) + head.slice(status.length),
      ),
    )
}

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, one) => total + one, 0)
const rate = (value: number | undefined): string => (value === undefined ? '' : `${formatCount(value)}/s`)

function sourceTable(
  { ledger, sources, files }: StatusAnswer,
  { rates, ...options }: TableOptions,
): string[] {
  const names = Object.keys(ledger)
  const filesOf = (name: string): StatusAnswer['files'] => files.filter(({ source }) => source === name)
  const columns: Column<string>[] = [
    { head: 'SOURCE', text: (name) => name, gives: 'end' },
    { head: 'LANE', text: (name) => (isRemoved(sources[name]) ? 'removed' : (sources[name]?.lane ?? '')) },
    { head: 'FILES', text: (name) => formatCount(filesOf(name).length), isNumber: true },
    { head: 'READ', text: (name) => formatBytes(ledger[name]!.read_bytes), isNumber: true },
    { head: 'EVENTS', text: (name) => formatCount(ledger[name]!.read_events), isNumber: true },
    ...(rates
      ? [
          { head: 'EVENTS/S', text: (name: string) => rate(rates.readEvents.get(name)), isNumber: true },
          {
            head: 'BYTES/S',
            text: (name: string) => `${formatBytes(Math.round(rates.readBytes.get(name) ?? 0))}/s`,
            isNumber: true,
          },
        ]
      : []),
    {
      head: 'TO READ',
      text: (name) => formatBytes(sum(filesOf(name).map((file) => file.lag_bytes))),
      isNumber: true,
    },
    { head: 'NOT PARSED', text: (name) => formatCount(sources[name]?.parse_errors ?? 0), isNumber: true },
    {
      head: 'LOST',
      text: (name) => formatBytes(sum(Object.values(ledger[name]!.lost_bytes))),
      isNumber: true,
      paint: (text) => (text === '0 bytes' ? text : options.style.red(text)),
    },
  ]
  return [...formatTable(columns, names, options), ...notReadNotes(names, { sources, files }, options)]
}

function sinkTable({ sinks, ledger }: StatusAnswer, { rates, ...options }: TableOptions): string[] {
  const { style } = options
  const total = (
    sink: string,
    of: (row: StatusAnswer['ledger'][string]['sinks'][string]) => number,
  ): number => sum(Object.values(ledger).map((row) => (row.sinks[sink] ? of(row.sinks[sink]) : 0)))
  const columns: Column<string>[] = [
    { head: 'SINK', text: (name) => name, gives: 'end' },
    {
      head: 'STATE',
      text: (name) => sinks[name]!.state,
      paint: (text) =>
        text === 'ok' ? style.green(text) : text === 'retrying' ? style.yellow(text) : style.red(text),
    },
    {
      head: 'ACKNOWLEDGED',
      text: (name) => formatCount(total(name, (row) => row.acknowledged)),
      isNumber: true,
    },
    ...(rates
      ? [{ head: 'EVENTS/S', text: (name: string) => rate(rates.acknowledged.get(name)), isNumber: true }]
      : []),
    { head: 'IN BUFFER', text: (name) => formatCount(total(name, (row) => row.in_buffer)), isNumber: true },
    { head: 'BEHIND', text: (name) => formatDuration(sinks[name]!.lag_seconds * 1000), isNumber: true },
    {
      head: 'DEAD LETTERS',
      text: (name) => formatCount(sinks[name]!.dead_letters_stored),
      isNumber: true,
      paint: (text) => (text === '0' ? text : style.yellow(text)),
    },
    {
      head: 'DROPPED',
      text: (name) => formatCount(total(name, (row) => sum(Object.values(row.dropped)))),
      isNumber: true,
      paint: (text) => (text === '0' ? text : style.red(text)),
    },
  ]
  return [...formatTable(columns, Object.keys(sinks), options), ...sinkNotes(sinks, options)]
}

function bufferLine({ buffer }: StatusAnswer, style: Style): string {
  const { bytes, max_bytes: mostBytes, oldest_seconds: oldest, state } = buffer
  const share = mostBytes === 0 ? 0 : Math.round((bytes / mostBytes) * 100)
  const text = `${formatBytes(bytes)} of ${formatBytes(mostBytes)} (${share} %), oldest ${formatDuration(oldest * 1000)}, ${state}`
  return `${style.dim('BUFFER')}  ${share >= 80 || state !== 'ok' ? style.yellow(text) : text}`
}

function fileTable({ files }: StatusAnswer, mostFiles: number, options: NoteOptions): string[] {
  if (files.length === 0 || mostFiles <= 0) return []
  const shown = files.toSorted((a, b) => b.lag_bytes - a.lag_bytes).slice(0, mostFiles)
  const columns: Column<StatusAnswer['files'][number]>[] = [
    { head: 'FILE', text: ({ path }) => path, gives: 'front' },
    { head: 'SOURCE', text: ({ source }) => source },
    { head: 'SIZE', text: ({ size }) => formatBytes(size), isNumber: true },
    { head: 'TO READ', text: ({ lag_bytes: lag }) => formatBytes(lag), isNumber: true },
  ]
  const more = files.length - shown.length
  return [
    '',
    ...formatTable(columns, shown, options),
    ...(more > 0 ? [options.style.dim(`and ${formatCount(more)} more files`)] : []),
  ]
}
