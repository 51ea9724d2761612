import { newSinkCounts, settledEvents } from '../core/ledger.ts'
import type { SinkCounts } from '../core/ledger.ts'
import type { AgentView, SinkStatus, SourceStatus } from '../telemetry/view.ts'

/** `ledger` of `/status`, with the contract's own spelling. All count events, but for the bytes that say so. */
export type Ledger = Record<string, SourceLedger>

export interface SourceLedger {
  readonly read_bytes: number
  readonly read_events: number
  readonly lost_bytes: Readonly<Record<string, number>>
  readonly sinks: Readonly<Record<string, SinkLedger>>
}

export interface SinkLedger {
  readonly acknowledged: number
  readonly dead_lettered: number
  readonly dropped: Readonly<Record<string, number>>
  readonly filtered: number
  readonly in_buffer: number
}

type Counted = Pick<AgentView, 'sources' | 'sinks'>

/** The ledger at this moment: call it in one turn with whatever else is to agree with it. */
export function ledgerOf(view: Counted): Ledger {
  const sinks = view.sinks()
  return Object.fromEntries(view.sources().map((source) => [source.name, sourceLedger(source, sinks)]))
}

function sourceLedger({ name, counts }: SourceStatus, sinks: readonly SinkStatus[]): SourceLedger {
  return {
    read_bytes: counts.readBytes,
    read_events: counts.readEvents,
    lost_bytes: { ...counts.lostBytes },
    sinks: Object.fromEntries(
      sinks.map((sink) => [sink.name, sinkLedger(counts.readEvents, sink.counts.get(name))]),
    ),
  }
}

/** What is not settled is in the buffer: the two sides of the ledger are counted in different places and meet here. */
function sinkLedger(readEvents: number, counts: SinkCounts = newSinkCounts()): SinkLedger {
  return {
    acknowledged: counts.acknowledged,
    dead_lettered: counts.deadLettered,
    dropped: { ...counts.dropped },
    filtered: counts.filtered,
    in_buffer: readEvents - settledEvents(counts),
  }
}

/** What does not add up, in words; empty if all does. */
export function checkLedger(view: Counted): string[] {
  const problems: string[] = []
  const sources = new Set(view.sources().map(({ name }) => name))
  const sinks = view.sinks()
  for (const [source, { sinks: bySink, ...read }] of Object.entries(ledgerOf(view))) {
    for (const [name, count] of numbers(read)) {
      if (!isCount(count)) problems.push(`source ${source}: ${name} is ${count}`)
    }
    for (const [sink, ledger] of Object.entries(bySink))
      problems.push(...checkSink(`${source} at sink ${sink}`, ledger))
  }
  for (const sink of sinks) {
    for (const [source, counts] of sink.counts) {
      if (!sources.has(source) && settledEvents(counts) > 0) {
        problems.push(`sink ${sink.name}: settled events of source ${source}, which has read none`)
      }
    }
  }
  return problems
}

function checkSink(where: string, ledger: SinkLedger): string[] {
  const problems: string[] = []
  for (const [name, count] of numbers({ ...ledger })) {
    if (name === 'in_buffer' && count < 0) problems.push(`${where}: ${-count} more events settled than read`)
    else if (!isCount(count)) problems.push(`${where}: ${name} is ${count}`)
  }
  return problems
}

/** All numbers of a row, those of the inner objects with their reason: `dropped{expired}`. */
function numbers(
  row: Readonly<Record<string, number | Readonly<Record<string, number>>>>,
): [string, number][] {
  return Object.entries(row).flatMap(([name, value]): [string, number][] =>
    typeof value === 'number'
      ? [[name, value]]
      : Object.entries(value).map(([reason, count]) => [`${name}{${reason}}`, count]),
  )
}

const isCount = (count: number): boolean => Number.isSafeInteger(count) && count >= 0

const heads = ['source', 'sink', 'read', 'acknowledged', 'dead-lettered', 'dropped', 'filtered', 'in buffer']

/** The ledger as a small table for people, one row for each source and sink; lost bytes stand below it. */
export function formatLedger(view: Pick<AgentView, 'sources' | 'sinks'>): string {
  const ledger = Object.entries(ledgerOf(view))
  const rows = ledger.flatMap(([source, row]) => rowsOf(source, row))
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]!.length)))
  const lines = [heads, ...rows].map((row) =>
    row.map((cell, column) => pad(cell, widths[column]!, column)).join('  '),
  )
  const lost = ledger.flatMap(([source, row]) => lostLines(source, row))
  return [...lines.map((line) => line.trimEnd()), ...lost].join('\n')
}

function rowsOf(source: string, { read_events, sinks }: SourceLedger): string[][] {
  return Object.entries(sinks).map(([sink, row]) => [
    source,
    sink,
    String(read_events),
    String(row.acknowledged),
    String(row.dead_lettered),
    withReasons(row.dropped),
    String(row.filtered),
    String(row.in_buffer),
  ])
}

function lostLines(source: string, { lost_bytes }: SourceLedger): string[] {
  return withReasons(lost_bytes) === '0' ? [] : [`${source}: lost bytes ${withReasons(lost_bytes)}`]
}

/** `5 (expired 2, buffer_full 3)`, or `0`. */
function withReasons(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).filter(([, count]) => count > 0)
  if (entries.length === 0) return '0'
  const total = entries.reduce((sum, [, count]) => sum + count, 0)
  return `${total} (${entries.map(([reason, count]) => `${reason} ${count}`).join(', ')})`
}

/** Names to the left, numbers to the right. */
const pad = (cell: string, width: number, column: number): string =>
  column < 2 ? cell.padEnd(width) : cell.padStart(width)
