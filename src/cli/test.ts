import { loadConfig } from '../config/load.ts'
import { nearest } from '../core/nearest.ts'
import type { AgentConfig } from '../config/schema.ts'
import { AgentError, ExitStatus } from '../core/errors.ts'
import type { StoredEvent } from '../buffer/buffer.ts'
import type { Sink, SinkPreview } from '../sinks/sink.ts'
import { configOption, textOption } from './command.ts'
import type { Command } from './command.ts'
import { configPath } from './config-path.ts'
import { offlineSink } from './offline-sink.ts'
import { readLines } from './test-input.ts'
import { writePreviews } from './write-previews.ts'
import type { EventPreview } from './write-previews.ts'

export const test: Command = {
  name: 'test',
  usage: '[-c FILE] [--source NAME] [--sink NAME] [--path FILE] [--json] [LINES | -]',
  summary: 'Shows what each sink would get for lines of a log. Nothing is sent and nothing is stored.',
  details: [
    'Lines come as arguments, one each, or from stdin (with "-", or without any). They take the way of the real thing: the lane of the source, the events as the buffer would hold them, and what each sink makes of them, index and labels included.',
    'Without --source the first source of the config takes the lines. They count as the beginning of a new file at --path, which is what Kubernetes fields and file names are read from.',
  ],
  options: {
    ...configOption,
    source: { value: 'NAME', summary: 'The source that the lines belong to; default the first one.' },
    sink: { value: 'NAME', summary: 'Show this sink only.' },
    path: {
      value: 'FILE',
      summary: 'The file that the lines seem to stand in; default after the first include.',
    },
    json: { summary: 'One JSON object for each event and sink, for scripts.' },
  },
  takesArguments: true,
  examples: [
    [`logferry test '{"level":"info","msg":"hi"}'`, 'one line, all sinks'],
    [
      'tail -n 20 /var/log/app.log | logferry test --source app --sink es -',
      'the end of a real file, one sink',
    ],
    [`logferry test -- '-1 is a line too'`, 'what comes after -- is never an option'],
  ],
  async run(call, io) {
    const path = configPath(textOption(call, 'config'), io.env)
    const { config, secrets } = await loadConfig(path, io.env)
    const source = textOption(call, 'source') ?? Object.keys(config.sources)[0]!
    checkName({ kind: 'source', name: source, path }, Object.keys(config.sources))
    const onlySink = textOption(call, 'sink')
    if (onlySink !== undefined) checkName({ kind: 'sink', name: onlySink, path }, Object.keys(config.sinks))
    const lines = await readLines(call.arguments, io)
    // Loaded late: `--help` needs none of it.
    const { processLines } = await import('./process-lines.ts')
    const processed = processLines({ config, source, lines, path: textOption(call, 'path') })
    const sinks = await sinksOf(config, source, onlySink)
    const isJson = call.options['json'] === true
    const redact = (text: string): string => secrets.redact(text)
    try {
      const previews = previewAll(processed.events, sinks, meansSink(config, source))
      writePreviews(previews, { ...processed, source, onlySink, io, isJson, redact })
    } finally {
      await Promise.all([...sinks.values()].map((sink) => sink.close()))
    }
    return ExitStatus.done
  },
}

function checkName(asked: { kind: string; name: string; path: string }, known: readonly string[]): void {
  if (known.includes(asked.name)) return
  const meant = nearest(asked.name, known)
  const hint = meant ? `, did you mean "${meant}"?` : ''
  throw AgentError.of('unknown_name', { ...asked, nearest: hint, known: known.join(', ') })
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
