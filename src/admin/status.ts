import { ledgerOf } from '../ledger/ledger.ts'
import type { AgentView } from '../telemetry/view.ts'

export interface StatusOptions {
  readonly showsPaths: boolean
  /** Only so many files, those with the most to read first, and beside them how many there are; 0: nothing of files. */
  readonly mostFiles?: number
}

/**
 * `/status`, made in one turn of the event loop: nothing can be read or settled while it is made, so its ledger adds up.
 * Without `showsPaths` the files, which are named by their paths, and the texts of servers are left out.
 */
export function statusOf(view: AgentView, { showsPaths, mostFiles }: StatusOptions): object {
  const files = mostFiles === 0 ? [] : view.files()
  const { bytes, maxBytes, oldestSeconds, state } = view.buffer()
  const sources = view.sources()
  const unreadable = view.unreadable()
  return {
    version: view.version,
    files: showsPaths
      ? shownFiles(files, mostFiles).map(({ source, path, id, size, offset, lagBytes, lane }) => ({
          source,
          path,
          id,
          size,
          offset,
          lag_bytes: lagBytes,
          lane,
        }))
      : [],
    ...(showsPaths ? {} : { files_hidden: files.length }),
    ...(mostFiles === undefined || mostFiles === 0 ? {} : { files_total: files.length }),
    buffer: { bytes, max_bytes: maxBytes, oldest_seconds: oldestSeconds, state },
    sources: byName(sources, (source) => ({
      lane: source.lane,
      lane_reason: source.laneReason,
      parse_errors: source.counts.parseErrors,
      blocked_seconds: source.blockedSeconds,
      step_errors: source.stepTroubles.errors,
      last_step_error: source.stepTroubles.last === '' ? null : source.stepTroubles.last,
      ...unreadableOf(source.name, unreadable, showsPaths),
    })),
    ...kubernetesOf(view, showsPaths),
    sinks: byName(view.sinks(), (sink) => ({
      type: sink.type,
      state: sink.state,
      lag_events: sink.lagEvents,
      lag_seconds: sink.lagSeconds,
      in_flight: sink.inFlight,
      dead_letters_stored: sink.deadLettersStored,
      replayed: sink.replayed,
      last_error: showsPaths ? (sink.lastError ?? null) : null,
    })),
    ledger: ledgerOf(view),
  }
}

function kubernetesOf(view: AgentView, showsTexts: boolean): object {
  const pods = view.kubernetes()
  if (!pods) return {}
  const { errors, lastError, node, state, unknownPods } = pods
  const last = showsTexts ? (lastError ?? null) : null
  return { kubernetes: { node, state, pods: pods.pods, errors, unknown_pods: unknownPods, last_error: last } }
}

function shownFiles(files: Files, most: number | undefined): Files {
  if (most === undefined) return files
  return files.toSorted((a, b) => b.lagBytes - a.lagBytes).slice(0, most)
}

type Files = ReturnType<AgentView['files']>

/** More names make nothing clearer: what mends one mostly mends all. */
const mostUnreadable = 20

function unreadableOf(source: string, all: ReturnType<AgentView['unreadable']>, showsPaths: boolean): object {
  const own = all.filter((one) => one.source === source)
  const shown = showsPaths ? own.slice(0, mostUnreadable) : []
  return { unreadable_files: own.length, unreadable: shown.map(({ path, reason }) => ({ path, reason })) }
}

function byName<Item extends { readonly name: string }>(
  items: readonly Item[],
  show: (item: Item) => object,
): Record<string, object> {
  return Object.fromEntries(items.map((item) => [item.name, show(item)]))
}
