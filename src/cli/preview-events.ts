import type { StoredEvent } from '../buffer/buffer.ts'
import type { AgentConfig } from '../config/schema.ts'
import type { Sink, SinkPreview } from '../sinks/sink.ts'
import { offlineSink } from './offline-sink.ts'

/** An event with what each sink would get of it. */
export interface EventPreview {
  readonly event: StoredEvent
  readonly sinks: readonly { readonly name: string; readonly preview: SinkPreview }[]
}

/** What the sinks of the source, or only one sink, make of the events. Nothing is sent. */
export async function previewEvents(
  events: readonly StoredEvent[],
  { config, source, onlySink }: { config: AgentConfig; source: string; onlySink?: string | undefined },
): Promise<EventPreview[]> {
  const sinks = await sinksOf(config, source, onlySink)
  try {
    return previewAll(events, sinks, meansSink(config, source))
  } finally {
    await Promise.all([...sinks.values()].map((sink) => sink.close()))
  }
}

/** The sinks that the source goes to, in the order of the config. */
async function sinksOf(
  config: AgentConfig,
  source: string,
  only: string | undefined,
): Promise<Map<string, Sink>> {
  const routed = config.sources[source]!.sinks ?? Object.keys(config.sinks)
  const names = Object.keys(config.sinks).filter((name) =>
    only === undefined ? routed.includes(name) : name === only,
  )
  const made = names.map(async (name): Promise<[string, Sink]> => [
    name,
    await offlineSink(name, config.sinks[name]!),
  ])
  return new Map(await Promise.all(made))
}

/** Whether an event is routed to a sink. One that was asked for by name is shown though its source does not send to it. */
function meansSink(config: AgentConfig, source: string): (event: StoredEvent, sink: string) => boolean {
  const names = Object.keys(config.sinks)
  const ofSource = config.sources[source]!.sinks ?? names
  return (event, sink) => !ofSource.includes(sink) || ((event.routes >>> names.indexOf(sink)) & 1) === 1
}

function previewAll(
  events: readonly StoredEvent[],
  sinks: ReadonlyMap<string, Sink>,
  isMeant: (event: StoredEvent, name: string) => boolean,
): EventPreview[] {
  return events.map((event) => ({
    event,
    sinks: [...sinks]
      .filter(([name]) => isMeant(event, name))
      .map(([name, sink]) => ({ name, preview: describe(sink, event) })),
  }))
}

function describe(sink: Sink, event: StoredEvent): SinkPreview {
  const item = { event, attempts: 0, unanswered: false, variant: 0, firstRefusedMs: 0 }
  // Delivery asks for the partition first, and a sink may decide there how the event is encoded.
  sink.partition(item)
  return sink.describe(item)
}
