import type { StoredEvent } from '../buffer/buffer.ts'
import type { AgentConfig } from '../config/schema.ts'
import { Body, EventFlag, severityNames, shownFlags } from '../core/event.ts'
import { isJsonObject } from '../parsers/json-object.ts'
import { regexReach } from '../parsers/regex-reach.ts'
import type { RegexReach } from '../parsers/regex-reach.ts'
import { rfc3339 } from '../render/time-text.ts'
import type { EventText, StepTrace } from '../steps/run-steps.ts'
import type { SinkPreview } from '../sinks/sink.ts'
import type { EventPreview } from './preview-events.ts'
import type { Processed } from './process-lines.ts'

/** What `logferry explain` says of some lines, as `--json` prints it: one object for each event. */
export interface Explanation {
  readonly source: string
  readonly path: string
  /** The event's stretch of the lines. */
  readonly from: number
  readonly to: number
  readonly lane: string
  readonly parser: string
  readonly steps: readonly ExplainedStep[]
  /** The step that filtered it out. */
  readonly filtered_by?: string
  /** What the agent has decided; not there for an event that was filtered out. */
  readonly event?: ExplainedEvent
  readonly sinks: readonly {
    readonly sink: string
    readonly target: string
    readonly body: string
    readonly details: NonNullable<SinkPreview['details']>
  }[]
}

export interface ExplainedStep {
  /** `steps[0] (drop)`. */
  readonly step: string
  /** As the config has it. */
  readonly config: unknown
  readonly effect: 'filtered' | 'changed' | 'unchanged'
  /** Behind the step; only where it is another one than before. */
  readonly line?: string
  /** What parsers and steps have added so far, as JSON members; only where it is something else than before. */
  readonly members?: string
  /** The sinks that a route has chosen here. */
  readonly routed_to?: readonly string[]
}

export interface ExplainedEvent {
  readonly time: string
  readonly time_from: 'the line' | 'the moment of reading'
  readonly level: string
  readonly trace_id: string
  readonly span_id: string
  readonly flags: readonly string[]
  /** The parser that could not read the line; '' for none. */
  readonly parse_error: string
  /** For a regex that does not fit the line: how far it does. */
  readonly regex_reach?: RegexReach
  /** What a document is made of. */
  readonly body: string
  /** What a document says differently from the line: `"host"` → `"host_original"`. */
  readonly edits: readonly { readonly from: string; readonly to: string }[]
}

interface Explained {
  readonly config: AgentConfig
  readonly source: string
  readonly processed: Processed
  readonly previews: readonly EventPreview[]
  readonly traces: readonly StepTrace[]
}

/** The events and what was filtered out, in the order of the lines. */
export function explainAll({ config, source, processed, previews, traces }: Explained): Explanation[] {
  const { filtered, path } = processed
  const passed = traces.length === 0 ? [] : bySteps(traces)
  const ends = [
    ...previews.map((preview) => ({
      ...preview.event,
      from: preview.event.from,
      to: preview.event.to,
      preview,
    })),
    ...filtered.map((event) => ({ ...event, preview: undefined })),
  ].sort((a, b) => a.from - b.from || a.to - b.to)
  const shared = { source, path, lane: laneText(processed), parser: parserText(processed, config, source) }
  return ends.map(({ from, to, preview, ...end }, index) => ({
    ...shared,
    from,
    to,
    steps: (passed[index] ?? []).map((trace) => explainStep(trace, config, source)),
    ...('by' in end && { filtered_by: end.by }),
    ...(preview && { event: explainEvent(preview.event, config.sources[source]!.parse) }),
    sinks: (preview?.sinks ?? []).map(({ name, preview: { target, body, details = {} } }) => ({
      sink: name,
      target,
      body,
      details,
    })),
  }))
}

/** As the config has it, with what `auto` has chosen for the file. */
function parserText({ parser }: Processed, { sources }: AgentConfig, source: string): string {
  const { parse } = sources[source]!
  const text = typeof parse === 'string' ? parse : JSON.stringify(parse)
  return parser === '' || parser === 'none' ? text : `${text}, which took it for ${parser}`
}

/** Each event begins at the first step of the list. */
function bySteps(traces: readonly StepTrace[]): StepTrace[][] {
  const events: StepTrace[][] = []
  for (const trace of traces) {
    if (trace.place === traces[0]!.place) events.push([])
    events.at(-1)!.push(trace)
  }
  return events
}

function laneText({ lane: tried, events, filtered }: Processed): string {
  const lane = tried()
  if (lane.kind === 'general') return `general, for ${lane.because ?? 'it was asked for'}`
  const left = events.length - lane.byKernel
  if (left <= 0 || filtered.length > 0) return 'fast'
  return left === events.length
    ? 'fast, which leaves this to the general lane'
    : `fast, which leaves ${left} of ${events.length} events to the general lane`
}

function explainStep(
  { place, isKept, before, after }: StepTrace,
  config: AgentConfig,
  source: string,
): ExplainedStep {
  const isRouted = after.routes !== before.routes
  const isChanged = isRouted || after.line !== before.line || after.members !== before.members
  return {
    step: place,
    config: configOf(place, config, source),
    effect: !isKept ? 'filtered' : isChanged ? 'changed' : 'unchanged',
    ...(after.line !== before.line && { line: after.line }),
    ...(after.members !== before.members && { members: after.members }),
    ...(isRouted && { routed_to: sinksOf(after, config) }),
  }
}

/** `place` says which list it is of, and where it stands there (`steps/run-steps.ts`). */
function configOf(place: string, config: AgentConfig, source: string): unknown {
  const index = Number(/\d+/.exec(place)![0])
  return (place.includes('of all sources') ? config.steps : config.sources[source]!.steps)[index]
}

function sinksOf({ routes }: EventText, config: AgentConfig): string[] {
  return Object.keys(config.sinks).filter((_name, bit) => ((routes >>> bit) & 1) === 1)
}

const bodies = {
  [Body.json]: "the line's own members",
  [Body.message]: 'the line as message',
  [Body.members]: 'what the parser took it apart into',
}

function explainEvent(event: StoredEvent, parse: unknown): ExplainedEvent {
  const line = Buffer.from(event.line)
  const error = parseErrorOf(event)
  const reach = error === 'regex' ? reachOf(parse, line.toString()) : undefined
  return {
    time: rfc3339(event.time, event.precision),
    time_from: (event.flags & EventFlag.timeOfReading) === 0 ? 'the line' : 'the moment of reading',
    level: severityNames[event.severity],
    trace_id: event.traceId,
    span_id: event.spanId,
    flags: shownFlags.filter(([bit]) => (event.flags & bit) !== 0).map(([, name]) => name),
    parse_error: error,
    ...(reach && { regex_reach: reach }),
    body: bodies[event.body],
    edits: event.edits.map(({ at, cut, insert }) => ({
      from: line.toString('utf8', at, at + cut),
      to: insert,
    })),
  }
}

/** Only of a regex that stands alone: in a chain or on a field it has met another text. */
function reachOf(parse: unknown, line: string): RegexReach | undefined {
  const isAlone = isJsonObject(parse) && parse['type'] === 'regex' && typeof parse['field'] !== 'string'
  const pattern = isAlone ? parse['pattern'] : undefined
  return typeof pattern === 'string' ? regexReach(pattern, line) : undefined
}

function parseErrorOf({ members }: StoredEvent): string {
  const object: unknown = JSON.parse(`{${members}}`)
  const error = isJsonObject(object) ? object['parse_error'] : ''
  return typeof error === 'string' ? error : ''
}
