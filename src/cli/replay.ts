import { z } from 'zod'
import { formatCounted } from '../admin/quantities.ts'
import { isBefore } from '../core/event.ts'
import { loadConfig } from '../config/load.ts'
import { AgentError, ExitStatus } from '../core/errors.ts'
import type { Instant } from '../core/event.ts'
import { systemClock } from '../platform/system-clock.ts'
import { timeOption } from './buffer/time-option.ts'
import { checkName } from './check-name.ts'
import { configOption, listOption, textOption } from './command.ts'
import type { Call, Command } from './command.ts'
import { configPath } from './config-path.ts'
import { styleOf } from './io.ts'
import type { Style } from './io.ts'
import { runJob } from './run-job.ts'
import { isAllWell, progressText, refusalLines, sentAgain } from './sent-again.ts'

const progress = z.object({
  sinks: z.record(
    z.string(),
    sentAgain.extend({
      already_there: z.number(),
      scanned_bytes: z.number(),
      total_bytes: z.number(),
      gone_segments: z.number(),
    }),
  ),
})
type Progress = z.output<typeof progress>

export const replay: Command = {
  name: 'replay',
  usage: '--from T --to T [-c FILE] [--sink NAME] [--source NAME] [--label K=V]… [--json]',
  summary: 'Sends a stretch of the buffer again, by the time of its events.',
  details: [
    'The running agent sends it, beside what is new, which goes first. What is settled lies in the buffer until its segment is deleted; buffer.retain keeps it for longer. It is counted as replayed and nowhere in the ledger. Ctrl-C ends it. Exit status 1 if something was refused, or if it was ended.',
    'Elasticsearch knows events again by their ids: with "op": "create" it keeps the document that it has, with "op": "index" the new one replaces it. Loki knows equal entries again as long as it takes entries of that time for their stream, about an hour; older ones go to the stream with the label backlog. Sinks of the types file and console have them twice.',
    'T is 2026-11-26T10:00:00Z, a part of that such as 2026-11-26 (UTC where no zone stands there), how long ago: 15m, 2h, 1d, or now. Events from --from on, and before --to.',
    '--label is a label as the Loki sink gives it, or a field of the event as in templates: level=error, filename=/var/log/a.log, kubernetes.namespace=shop. Several must all hold.',
    'An event goes to the sinks that it went to at first. With --sink one that did not exist then gets it too.',
  ],
  options: {
    ...configOption,
    from: { value: 'T', summary: 'Events of this time and later.' },
    to: { value: 'T', summary: 'Events before this time.' },
    sink: { value: 'NAME', summary: 'Only to this sink; default all.' },
    source: { value: 'NAME', summary: 'Only events of this source; it need not be in the config any more.' },
    label: { value: 'K=V', isList: true, summary: 'Only events with this label or field; may be repeated.' },
    json: { summary: 'One JSON object, for scripts.' },
  },
  takesArguments: false,
  examples: [
    ['logferry replay --from 2h --to now --sink es', 'an index was lost, or its pipeline was wrong'],
    [
      'logferry replay --from 2026-11-26T10:00Z --to 2026-11-26T11:00Z --label level=error',
      'an hour of errors',
    ],
  ],
  async run(call, io) {
    const stretch = stretchOf(call)
    const labels = labelsOf(call)
    const path = configPath(textOption(call, 'config'), io.env)
    const { config, secrets } = await loadConfig(path, io.env)
    const [sink, source] = [textOption(call, 'sink'), textOption(call, 'source')]
    if (sink !== undefined) checkName({ kind: 'sink', name: sink, path }, Object.keys(config.sinks))
    const result = await runJob({
      dataDir: config.data_dir,
      path: '/replay',
      asked: {
        ...stretch,
        labels,
        ...(sink !== undefined && { sink }),
        ...(source !== undefined && { source }),
      },
      io,
      progress,
      show: progressLine,
    })
    const style = styleOf(io.stdout, io.env)
    const lines =
      call.options['json'] === true
        ? [JSON.stringify({ ...result.progress, cancelled: result.isCancelled })]
        : resultLines(result.progress, { isCancelled: result.isCancelled, style })
    io.stdout.write(`${secrets.redact(lines.join('\n'))}\n`)
    return isAllWell(result.progress.sinks) && !result.isCancelled ? ExitStatus.done : ExitStatus.failed
  },
}

const bad = (option: string, reason: string): AgentError =>
  AgentError.of('bad_option_value', { option, reason, command: 'replay' })

function stretchOf(call: Call): { readonly from: Instant; readonly to: Instant } {
  const options = { command: 'replay', nowMs: systemClock.now() }
  const [from, to] = [timeOption(call, 'from', options), timeOption(call, 'to', options)]
  if (!from) throw bad('--from', 'is missing: a replay is a stretch from one time to another, such as 2h')
  if (!to) throw bad('--to', 'is missing: a replay is a stretch from one time to another, such as now')
  if (!isBefore(from, to)) throw bad('--to', 'is not behind --from, so there is nothing between them')
  return { from, to }
}

function labelsOf(call: Call): [name: string, value: string][] {
  const labels = new Map<string, string>()
  for (const text of listOption(call, 'label')) {
    const equals = text.indexOf('=')
    if (equals <= 0) throw bad('--label', `expected NAME=VALUE, found ${JSON.stringify(text)}`)
    const name = text.slice(0, equals)
    if (labels.has(name)) throw bad('--label', `${name} is asked for twice, and an event has one value of it`)
    labels.set(name, text.slice(equals + 1))
  }
  return [...labels]
}

/** The slowest sink says how far all of it is. */
function progressLine({ sinks }: Progress): string {
  const shares = Object.values(sinks).map(({ scanned_bytes: scanned, total_bytes: total }) =>
    total === 0 ? 0 : scanned / total,
  )
  return `${Math.floor(100 * Math.min(1, ...shares))} % of the buffer read · ${progressText(sinks)}`
}

function resultLines(
  { sinks }: Progress,
  { isCancelled, style }: { readonly isCancelled: boolean; readonly style: Style },
): string[] {
  const lines = Object.entries(sinks).flatMap(([name, sink]) => [
    `${style.bold(name)}: ${sentence(sink, isCancelled)}`,
    ...refusalLines(sink, style),
    ...(sink.gone_segments > 0
      ? [
          `  ${formatCounted(sink.gone_segments, 'segment')} of the buffer had been deleted before it came to them`,
        ]
      : []),
  ])
  return isCancelled ? ['Ended before its end; so far:', ...lines] : lines
}

function sentence(
  { sent, refused, already_there: there, stopped }: Progress['sinks'][string],
  isCancelled: boolean,
): string {
  const isWhole = !isCancelled && stopped !== true
  if (isWhole && sent === 0 && refused === 0) return 'no events of that stretch are in the buffer for it'
  const known = there > 0 ? `, of which it had ${formatCounted(there, 'event')} already` : ''
  const not = refused > 0 ? `; refused ${formatCounted(refused, 'event')}` : ''
  return `sent ${formatCounted(sent, 'event')} again${known}${not}`
}
