import { join } from 'node:path'
import { formatBytes, formatCount } from '../../admin/quantities.ts'
import { survey } from '../../buffer/look/survey.ts'
import type { Survey, SurveyedCursor, SurveyedSegment } from '../../buffer/look/survey.ts'
import { ExitStatus } from '../../core/errors.ts'
import type { Instant } from '../../core/event.ts'
import { escapeControls } from '../../core/terminal-text.ts'
import { nodeFileSystem } from '../../platform/node-file-system.ts'
import { systemClock } from '../../platform/system-clock.ts'
import { rfc3339, secondText } from '../../render/time-text.ts'
import { configOption } from '../command.ts'
import type { Command } from '../command.ts'
import { styleOf, widthOf } from '../io.ts'
import type { Style } from '../io.ts'
import { lookInto } from '../look-into.ts'
import { formatTable } from '../table.ts'
import type { Column } from '../table.ts'

export const bufferLs: Command = {
  name: 'buffer ls',
  usage: '[-c FILE] [--json]',
  summary:
    'The segments of the buffer with what is in them and which sinks still need them, and where each sink is.',
  details: [
    'It reads all of data_dir/buffer, beside the running agent or without one, as the user that runs it. Cursors are as they are on the disk: a running agent may be a second ahead of them.',
    'Times are UTC. BEHIND counts the events that a sink has not settled, those that steps route to others included; `logferry status` knows the exact number. A parked sink is not in the config any more: it holds nothing.',
  ],
  options: { ...configOption, json: { summary: 'One JSON object, for scripts.' } },
  takesArguments: false,
  examples: [
    ['logferry buffer ls', 'what fills the buffer, and who holds it?'],
    ["logferry buffer ls --json | jq '[.segments[].events] | add'", 'how many events are there?'],
  ],
  run: (call, io) =>
    lookInto(call, io, async ({ config }) => {
      const found = await survey(nodeFileSystem, config.data_dir, systemClock)
      const directory = join(config.data_dir, 'buffer')
      const options = { width: widthOf(io.stdout), style: styleOf(io.stdout, io.env) }
      const lines =
        call.options['json'] === true
          ? [JSON.stringify(toJson(found, directory), undefined, 2)]
          : surveyLines(found, directory, options)
      io.stdout.write(`${lines.join('\n')}\n`)
      return ExitStatus.done
    }),
}

const timeText = (time: Instant | undefined): string | null => (time ? rfc3339(time, 9) : null)

function toJson({ segments, cursors }: Survey, directory: string): object {
  return {
    directory,
    segments: segments.map(({ number: segment, path, bytes, records, events, ...more }) => ({
      segment,
      path,
      bytes,
      records,
      events,
      first_event: timeText(more.first),
      last_event: timeText(more.last),
      sources: [...more.sources],
      needed_by: more.neededBy,
    })),
    cursors: cursors.map(({ sink, state, segment, sequence, eventsBehind }) => ({
      sink,
      state,
      segment: segment ?? null,
      sequence: sequence ?? null,
      events_behind: eventsBehind,
    })),
  }
}

interface Options {
  readonly width: number
  readonly style: Style
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

function surveyLines({ segments, cursors }: Survey, directory: string, options: Options): string[] {
  const bytes = formatBytes(sum(segments.map((segment) => segment.bytes)))
  const events = formatCount(sum(segments.map((segment) => segment.events)))
  if (segments.length === 0) return [`No segments in ${escapeControls(directory)}.`]
  return [
    ...formatTable(segmentColumns(options), segments, options),
    ...(cursors.length === 0 ? [] : ['', ...formatTable(cursorColumns(options), cursors, options)]),
    '',
    options.style.dim(`${events} events, ${bytes}, in ${escapeControls(directory)}`),
  ]
}

function segmentColumns({ style, width }: Options): Column<SurveyedSegment>[] {
  return [
    { head: 'SEGMENT', text: ({ number }) => String(number), isNumber: true },
    // Where there is little room the events say as much.
    ...(width < 100
      ? []
      : [{ head: 'RECORDS', text: ({ records }: SurveyedSegment) => formatCount(records), isNumber: true }]),
    { head: 'EVENTS', text: ({ events }) => formatCount(events), isNumber: true },
    { head: 'SIZE', text: ({ bytes }) => formatBytes(bytes), isNumber: true },
    { head: 'FIRST EVENT', text: ({ first }) => secondsText(first) },
    { head: 'LAST EVENT', text: ({ first, last }) => laterText(first, last) },
    { head: 'SOURCES', text: ({ sources }) => [...sources].join(' '), gives: 'end' },
    { head: 'NEEDED BY', text: ({ neededBy }) => neededBy.join(' '), gives: 'end', paint: style.yellow },
  ]
}

const secondsText = (time: Instant | undefined): string =>
  time ? secondText(time.seconds).replace('T', ' ') : ''

/** Of the same day only the time. */
function laterText(first: Instant | undefined, last: Instant | undefined): string {
  const [from, to] = [secondsText(first), secondsText(last)]
  return to.slice(0, 10) === from.slice(0, 10) ? to.slice(11) : to
}

function cursorColumns({ style }: Options): Column<SurveyedCursor>[] {
  return [
    { head: 'SINK', text: ({ sink }) => sink, gives: 'end' },
    {
      head: 'CURSOR',
      text: ({ state }) => state,
      paint: (text) => (text === 'damaged' ? style.red(text) : text),
    },
    { head: 'SEGMENT', text: ({ segment }) => String(segment ?? ''), isNumber: true },
    { head: 'BEHIND', text: ({ eventsBehind }) => formatCount(eventsBehind), isNumber: true },
  ]
}
