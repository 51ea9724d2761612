import { ledgerOf } from '../ledger/ledger.ts'
import type { AgentView } from '../telemetry/view.ts'

/**
 * `/status`, made in one turn of the event loop: nothing can be read or settled while it is made, so its ledger adds up.
 * Without `showsPaths` the files, which are named by their paths, and the texts of servers are left out.
 */
export function statusOf(view: AgentView, { showsPaths }: { readonly showsPaths: boolean }): object {
  const files = view.files()
  const { bytes, maxBytes, oldestSeconds, state } = view.buffer()
  const sources = view.sources()
  return {
    version: view.version,
    files: showsPaths
      ? files.map(({ source, path, id, size, offset, lagBytes, lane }) => ({
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
    buffer: { bytes, max_bytes: maxBytes, oldest_seconds: oldestSeconds, state },
    sources: byName(sources, (source) => ({
      lane: source.lane,
      lane_reason: source.laneReason,
      parse_errors: source.counts.parseErrors,
      blocked_seconds: source.blockedSeconds,
      step_errors: source.stepTroubles.errors,
      last_step_error: source.stepTroubles.last === '' ? null : source.stepTroubles.last,
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

function byName<Item extends { readonly name: string }>(
  items: readonly Item[],
  show: (item: Item) => object,
): Record<string, object> {
  return Object.fromEntries(items.map((item) => [item.name, show(item)]))
}
