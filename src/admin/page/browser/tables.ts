import type { FileRow, LedgerSink, PageState, Status } from './agent-state.ts'
import { byId, setText } from './elements.ts'
import { formatBytes, formatCount, formatSeconds } from './formats.ts'
import { Table } from './table.ts'
import type { Column } from './table.ts'

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, one) => total + one, 0)
const count = (value: number): string => formatCount(value)
const warnAbove0 = (value: number): string => (value > 0 ? 'warn' : '')
const badAbove0 = (value: number): string => (value > 0 ? 'bad' : '')

interface Named<Row> {
  readonly name: string
  readonly row: Row
  readonly status: Status
}

type SinkLine = Named<Status['sinks'][string]>

const totalAt = ({ name, status }: SinkLine, of: (row: LedgerSink) => number): number =>
  sum(Object.values(status.ledger).map(({ sinks }) => (sinks[name] ? of(sinks[name]) : 0)))

const toneOfState = (state: string): string => ({ ok: 'ok', retrying: 'warn' })[state] ?? 'bad'

const sinkColumns: readonly Column<SinkLine>[] = [
  { head: 'Sink', text: ({ name }) => name },
  { head: 'Type', text: ({ row }) => row.type, isExtra: true },
  { head: 'State', text: ({ row }) => row.state, tone: ({ row }) => toneOfState(row.state) },
  { head: 'Behind', text: ({ row }) => formatSeconds(row.lag_seconds), isNumber: true },
  { head: 'To go', text: ({ row }) => count(row.lag_events), isNumber: true },
  { head: 'In flight', text: ({ row }) => count(row.in_flight), isNumber: true, isExtra: true },
  {
    head: 'Acknowledged',
    text: (line) => count(totalAt(line, (row) => row.acknowledged)),
    isNumber: true,
    isExtra: true,
  },
  {
    head: 'Dead letters',
    text: ({ row }) => count(row.dead_letters_stored),
    isNumber: true,
    tone: ({ row }) => warnAbove0(row.dead_letters_stored),
  },
  {
    head: 'Dropped',
    text: (line) => count(totalAt(line, (row) => sum(Object.values(row.dropped)))),
    isNumber: true,
    isExtra: true,
    tone: (line) => badAbove0(totalAt(line, (row) => sum(Object.values(row.dropped)))),
  },
]

type SourceLine = Named<Status['ledger'][string]>

const lostOf = ({ row }: SourceLine): number => sum(Object.values(row.lost_bytes))
const ofSource = ({ name, status }: SourceLine): Status['sources'][string] | undefined => status.sources[name]

const sourceColumns: readonly Column<SourceLine>[] = [
  { head: 'Source', text: ({ name }) => name },
  { head: 'Lane', text: (line) => laneText(ofSource(line)), isExtra: true },
  { head: 'Read', text: ({ row }) => formatBytes(row.read_bytes), isNumber: true },
  { head: 'Events', text: ({ row }) => count(row.read_events), isNumber: true },
  {
    head: 'Not parsed',
    text: (line) => count(ofSource(line)?.parse_errors ?? 0),
    isNumber: true,
    tone: (line) => warnAbove0(ofSource(line)?.parse_errors ?? 0),
  },
  {
    head: 'Stood still',
    text: (line) => formatSeconds(ofSource(line)?.blocked_seconds ?? 0),
    isNumber: true,
    isExtra: true,
  },
  {
    head: 'Lost',
    text: (line) => formatBytes(lostOf(line)),
    isNumber: true,
    tone: (line) => badAbove0(lostOf(line)),
  },
]

const laneText = (source: Status['sources'][string] | undefined): string =>
  source === undefined ? '' : source.lane === 'fast' ? 'fast' : `general: ${source.lane_reason}`

const fileColumns: readonly Column<FileRow>[] = [
  { head: 'Path', text: ({ path }) => path, isLong: true },
  { head: 'Source', text: ({ source }) => source, isExtra: true },
  { head: 'Size', text: ({ size }) => formatBytes(size), isNumber: true },
  {
    head: 'To read',
    text: ({ lag_bytes: lag }) => formatBytes(lag),
    isNumber: true,
    tone: ({ lag_bytes: lag }) => (lag > 1024 ** 2 ? 'warn' : ''),
  },
]

interface LedgerLine {
  readonly source: string
  readonly sink: string
  readonly read: number
  readonly row: LedgerSink
}

const reasons = (counts: Readonly<Record<string, number>>): string => {
  const named = Object.entries(counts).filter(([, value]) => value > 0)
  return named.length === 0 ? '0' : named.map(([reason, value]) => `${count(value)} ${reason}`).join(', ')
}

const ledgerColumns: readonly Column<LedgerLine>[] = [
  { head: 'Source', text: ({ source }) => source },
  { head: 'Sink', text: ({ sink }) => sink },
  { head: 'Read', text: ({ read }) => count(read), isNumber: true },
  { head: 'Acknowledged', text: ({ row }) => count(row.acknowledged), isNumber: true },
  {
    head: 'Dead-lettered',
    text: ({ row }) => count(row.dead_lettered),
    isNumber: true,
    tone: ({ row }) => warnAbove0(row.dead_lettered),
  },
  {
    head: 'Dropped',
    text: ({ row }) => reasons(row.dropped),
    isNumber: true,
    tone: ({ row }) => badAbove0(sum(Object.values(row.dropped))),
  },
  { head: 'Filtered', text: ({ row }) => count(row.filtered), isNumber: true },
  { head: 'In buffer', text: ({ row }) => count(row.in_buffer), isNumber: true },
]

/** Sinks, sources, files and the ledger. */
export class Tables {
  readonly #sinks = new Table({ caption: 'Sinks', columns: sinkColumns, empty: 'No sinks run.' })
  readonly #sources = new Table({ caption: 'Sources', columns: sourceColumns, empty: 'No sources.' })
  readonly #files = new Table({ caption: 'Files', columns: fileColumns, empty: '' })
  readonly #ledger = new Table({ caption: 'Ledger', columns: ledgerColumns, empty: 'Nothing was read.' })

  constructor() {
    byId('sink-table').append(this.#sinks.root)
    byId('source-table').append(this.#sources.root)
    byId('file-table').append(this.#files.root)
    byId('ledger-table').append(this.#ledger.root)
  }

  show({ status, access }: PageState): void {
    this.#sinks.show(linesOf(status.sinks, status))
    this.#sources.show(linesOf(status.ledger, status))
    this.#ledger.show(
      Object.entries(status.ledger).flatMap(([source, { read_events: read, sinks }]) =>
        Object.entries(sinks).map(([sink, row]) => ({ source, sink, read, row })),
      ),
    )
    const total = status.files_total
    // Not asked for this time.
    if (total === undefined) return
    this.#files.show(status.files)
    setText(byId('files-note'), filesNote(status.files.length, total, access.paths))
  }
}

const linesOf = <Row>(rows: Readonly<Record<string, Row>>, status: Status): Named<Row>[] =>
  Object.entries(rows).map(([name, row]) => ({ name, row, status }))

function filesNote(shown: number, total: number, showsPaths: boolean): string {
  if (!showsPaths) return `${count(total)} files. Paths are shown on the agent's own host, or with the token.`
  if (total === 0) return 'No file matches yet: look at "include" of the sources, and who may read the files.'
  return shown < total ? `The ${shown} of ${count(total)} with the most to read.` : `${count(total)} in all.`
}
