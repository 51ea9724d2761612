import type { ExplainedEvent, ExplainedStep, Explanation } from './explanation.ts'
import { styleOf } from './io.ts'
import type { Io, Style } from './io.ts'
import { previewLines, shownOn } from './preview-lines.ts'

interface WriteOptions {
  readonly io: Io
  readonly isJson: boolean
  readonly redact: (text: string) => string
}

type Row = readonly [name: string, text: string]

/** What `logferry explain` prints: a block for each event for people, or a line of JSON. */
export function writeExplanation(
  explanations: readonly Explanation[],
  { io, isJson, redact }: WriteOptions,
): void {
  if (explanations.length === 0) io.stderr.write('No event comes of this: blank lines make none.\n')
  const style = styleOf(io.stdout, io.env)
  const shown = shownOn(io.stdout)
  for (const explanation of explanations) {
    const text = isJson ? JSON.stringify(explanation) : forPeople(explanation, style, shown)
    io.stdout.write(redact(`${text}\n`))
  }
}

function forPeople(explanation: Explanation, style: Style, shown: (text: string) => string): string {
  const { source, path, from, to, lane, parser, steps, filtered_by: filteredBy, event } = explanation
  const place = path === '' ? '' : ` in ${path}`
  const rows: Row[] = [
    ['lane', lane],
    ['parser', parser],
    ...steps.map((step): Row => [step.step, stepText(step)]),
    ...(event ? eventRows(event) : []),
  ]
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  const lines = rows.map(
    ([name, text]) =>
      `  ${style.dim(name.padEnd(width))}${shown(text).replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`,
  )
  const end =
    filteredBy === undefined
      ? sinkLines(explanation, style, shown)
      : [style.yellow(`  ${filteredBy} filters it out: no sink gets it`)]
  return [style.bold(shown(`bytes ${from} to ${to} of source ${source}${place}`)), ...lines, ...end].join(
    '\n',
  )
}

function stepText({ config, effect, line, members, routed_to: routedTo }: ExplainedStep): string {
  const effects = { filtered: 'filters it out', changed: 'changes it', unchanged: 'leaves it as it is' }
  return [
    `${effects[effect]}: ${JSON.stringify(config)}`,
    ...(line === undefined ? [] : [`line: ${line}`]),
    ...(members === undefined ? [] : [`added: {${members}}`]),
    ...(routedTo === undefined ? [] : [`to: ${routedTo.join(', ') || 'no sink'}`]),
  ].join('\n')
}

function eventRows(event: ExplainedEvent): Row[] {
  return [
    ['time', `${event.time}, from ${event.time_from}`],
    ...(event.parse_error === ''
      ? []
      : [['error', `${event.parse_error} does not read this line: parse_error${reachText(event)}`] as const]),
    ['level', event.level || 'none'],
    ['trace id', event.trace_id || 'none'],
    ...(event.span_id === '' ? [] : [['span id', event.span_id] as const]),
    ...(event.flags.length === 0 ? [] : [['flags', event.flags.join(', ')] as const]),
    [
      'document',
      [
        'made of ' + event.body,
        ...event.edits.map(({ from, to }) => `${from} becomes ${to === '' ? 'nothing' : to}`),
      ].join('\n'),
    ],
  ]
}

function reachText({ regex_reach: reach }: ExplainedEvent): string {
  if (!reach) return ''
  const goesOn = reach.rest === '' ? 'the line ends there' : `the line goes on with: ${reach.rest}`
  return `\nit fits up to: ${reach.fits}\n${goesOn}\nand the pattern with: ${reach.wants}`
}

function sinkLines({ sinks }: Explanation, style: Style, shown: (text: string) => string): string[] {
  if (sinks.length === 0) return [style.yellow('  no sink gets it')]
  return sinks.flatMap(({ sink, ...preview }) => previewLines(sink, preview, { style, shown }))
}
