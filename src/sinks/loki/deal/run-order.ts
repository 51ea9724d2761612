import type { SendResult } from '../../../core/outcome.ts'
import type { SinkRun } from '../../sink.ts'
import { dealOf, type LokiDeal } from './deal.ts'

/** How the events of runs stand in a push, where that is not one run after the other. */
export class RunOrder {
  /** Parts of the runs, in the order of the push. */
  readonly stretches: readonly SinkRun[]
  /** For each entry of the push, which event of the runs it is. */
  readonly events: Uint32Array

  constructor(stretches: readonly SinkRun[], events: Uint32Array) {
    this.stretches = stretches
    this.events = events
  }
}

/**
 * The order of the entries' times; undefined where the runs have it already. Loki would take any order within its window, but
 * only of ascending entries can be told which ones its answer means.
 */
export function ascendingOrder(runs: readonly SinkRun[]): RunOrder | undefined {
  if (areInOrder(runs)) return undefined
  const { owners, places } = placesOf(runs)
  const deals = runs.map(dealOf)
  const events = Uint32Array.from(owners, (_, index) => index).toSorted((one, other) => {
    const [a, b] = [deals[owners[one]!]!, deals[owners[other]!]!]
    return a.compare(places[one]!, b, places[other]!) || one - other
  })
  const stretches: SinkRun[] = []
  for (let at = 0; at < events.length;) {
    const owner = owners[events[at]!]!
    const first = places[events[at]!]!
    let end = first
    while (at < events.length && owners[events[at]!] === owner && places[events[at]!] === end) {
      at++
      end++
    }
    const { record, order, deal } = runs[owner]!
    stretches.push({ record, first, end, order, deal })
  }
  return new RunOrder(stretches, events)
}

/** The result with its outcomes in the order of the runs. */
export function inRunOrder(result: SendResult, order: RunOrder | undefined): SendResult {
  if (!order || result.kind !== 'items') return result
  const outcomes = [...result.outcomes]
  for (const [entry, event] of order.events.entries()) outcomes[event] = result.outcomes[entry]!
  return { ...result, outcomes }
}

function areInOrder(runs: readonly SinkRun[]): boolean {
  let last: LokiDeal | undefined
  let lastPlace = 0
  for (const run of runs) {
    const deal = dealOf(run)
    if (!deal.isAscending) return false
    if (last && last.compare(lastPlace, deal, run.first) > 0) return false
    last = deal
    lastPlace = run.end - 1
  }
  return true
}

/** Of each event: its run, and its place there. */
function placesOf(runs: readonly SinkRun[]): { readonly owners: Uint32Array; readonly places: Uint32Array } {
  let count = 0
  for (const { first, end } of runs) count += end - first
  const owners = new Uint32Array(count)
  const places = new Uint32Array(count)
  let at = 0
  for (const [owner, { first, end }] of runs.entries()) {
    owners.fill(owner, at, at + end - first)
    for (let place = first; place < end; place++) places[at++] = place
  }
  return { owners, places }
}
