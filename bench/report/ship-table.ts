import type { Shipped, ShippedRuns, ShipResult } from '../measuring/ship.ts'
import { markdownTable, median, noFigure } from './markdown-table.ts'

const measured = 'logferry'

export interface ShipRow {
  readonly node: string
  readonly result: ShipResult
}

/**
 * One row for each scenario and Node version, with the pipelines that were asked for: medians of the runs, without start-up;
 * MB/s and RSS as ours / the others in their order, RSS and what is in flight the highest of all runs.
 */
export function shipTable(rows: readonly ShipRow[]): string {
  const names = new Set(rows.flatMap(({ result }) => [...result.shipped.keys()]))
  const peers = [...names].filter((name) => name !== measured)
  const head = [
    'scenario',
    'Node',
    'CPU s/GB',
    'lowest–highest',
    ...peers.map((peer) => `${peer} CPU s/GB`),
    ...peers.map((peer) => `${peer} ÷ ${measured}`),
    'MB/s',
    'peak RSS MiB',
    'start-up CPU s',
    'in flight MiB',
  ]
  return markdownTable(
    head,
    rows.map((row) => cellsOf(row, peers)),
  )
}

/** Why cells of the table are empty, a line for each reason; errors of runs among them. */
export function emptyCells(results: readonly ShipResult[]): string[] {
  const scenariosByReason = new Map<string, string[]>()
  for (const { scenario, shipped } of results) {
    for (const [pipeline, result] of shipped) {
      if (!('why' in result)) continue
      const reason = `${pipeline}: ${result.why}`
      scenariosByReason.set(reason, [...(scenariosByReason.get(reason) ?? []), scenario.name])
    }
  }
  return [...scenariosByReason].map(([reason, names]) => `${reason} (${[...new Set(names)].join(', ')})`)
}

function cellsOf({ node, result }: ShipRow, peers: readonly string[]): string[] {
  const { scenario, bytes, shipped } = result
  const gigabytes = bytes / 1e9
  const runsOf = (name: string): ShippedRuns | undefined => withFigures(shipped.get(name))
  const costs = (name: string): number[] =>
    runsOf(name)?.runs.map((run) => (run.cpuSeconds - runsOf(name)!.startUp.cpuSeconds) / gigabytes) ?? []
  const cost = (name: string): number => median(costs(name))
  const ofEach = (figure: (runs: ShippedRuns) => number): string =>
    [measured, ...peers]
      .map((name) => (runsOf(name) ? figure(runsOf(name)!).toFixed(0) : noFigure))
      .join(' / ')
  const ours = runsOf(measured)
  return [
    scenario.what,
    node,
    figureOf(cost(measured), 1),
    ours ? `${Math.min(...costs(measured)).toFixed(1)}–${Math.max(...costs(measured)).toFixed(1)}` : noFigure,
    ...peers.map((peer) => figureOf(cost(peer), 1)),
    ...peers.map((peer) => figureOf(cost(peer) / cost(measured), 1)),
    ofEach(
      ({ runs, startUp }) => bytes / 1e6 / median(runs.map((run) => run.wallSeconds - startUp.wallSeconds)),
    ),
    ofEach(({ runs }) => Math.max(...runs.map((run) => run.peakRssMiB))),
    figureOf(ours?.startUp.cpuSeconds, 2),
    figureOf(ours && ours.mostBytesInFlight / 1024 ** 2, 1),
  ]
}

function withFigures(shipped: Shipped | undefined): ShippedRuns | undefined {
  return shipped && !('why' in shipped) ? shipped : undefined
}

function figureOf(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? noFigure : value.toFixed(digits)
}
