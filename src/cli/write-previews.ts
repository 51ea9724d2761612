import type { StoredEvent } from '../buffer/buffer.ts'
import type { FilteredEvent } from '../lanes/lane.ts'
import { styleOf } from './io.ts'
import type { Io } from './io.ts'
import type { EventPreview } from './preview-events.ts'
import { previewLines, shownOn } from './preview-lines.ts'

interface WriteOptions {
  readonly source: string
  /** The option --sink. */
  readonly onlySink: string | undefined
  readonly filtered: readonly FilteredEvent[]
  readonly stepTroubles: { readonly errors: number; readonly last: string }
  readonly parseErrors: number
  readonly io: Io
  readonly isJson: boolean
  readonly redact: (text: string) => string
}

/** What `logferry test` says of each event: for people, or one JSON object a line for each event and sink. */
export function writePreviews(previews: readonly EventPreview[], options: WriteOptions): void {
  const { source, io, isJson, redact } = options
  const { filtered, parseErrors, stepTroubles } = options
  if (previews.length + filtered.length === 0)
    io.stderr.write('No event comes of these lines: blank lines make none.\n')
  for (const { from, to, by } of filtered) io.stderr.write(`bytes ${from} to ${to}: filtered by ${by}\n`)
  if (stepTroubles.errors > 0)
    io.stderr.write(`Errors in steps: ${stepTroubles.errors}. The last one: ${stepTroubles.last}.\n`)
  if (parseErrors > 0) io.stderr.write(`Lines that did not parse, kept as message: ${parseErrors}.\n`)
  for (const { event, sinks } of previews) {
    const texts = isJson
      ? sinks.map((sink) => jsonText(sink, event, source))
      : [forPeople(event, sinks, options)]
    for (const text of texts) io.stdout.write(redact(text))
  }
}

function jsonText(
  { name, preview }: EventPreview['sinks'][number],
  event: StoredEvent,
  source: string,
): string {
  const { from, to } = event
  const { target, body, details = {} } = preview
  return `${JSON.stringify({ source, sink: name, from, to, target, body, details })}\n`
}

function forPeople(
  event: StoredEvent,
  sinks: EventPreview['sinks'],
  { source, onlySink, io }: WriteOptions,
): string {
  const style = styleOf(io.stdout, io.env)
  const shown = shownOn(io.stdout)
  const head = style.dim(`bytes ${event.from} to ${event.to} of source ${source}`)
  const lines = sinks.flatMap(({ name, preview }) => previewLines(name, preview, { style, shown }))
  const nowhere = onlySink === undefined ? '  no sink gets it' : `  ${onlySink} does not get it`
  return `${[head, ...lines, ...(sinks.length === 0 ? [nowhere] : [])].join('\n')}\n`
}
