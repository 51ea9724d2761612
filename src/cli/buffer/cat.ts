import { join } from 'node:path'
import { eachRecord, lookAtSegments } from '../../buffer/look/segment-files.ts'
import { timesOf } from '../../buffer/look/survey.ts'
import { isBefore } from '../../core/event.ts'
import type { StoredRecordView } from '../../buffer/stored-record.ts'
import { ExitStatus } from '../../core/errors.ts'
import type { Instant } from '../../core/event.ts'
import { escapeControlsInJson } from '../../core/terminal-text.ts'
import { nodeFileSystem } from '../../platform/node-file-system.ts'
import { systemClock } from '../../platform/system-clock.ts'
import { documentText } from '../../render/document.ts'
import { configOption, countOption, textOption } from '../command.ts'
import type { Command } from '../command.ts'
import { lookInto } from '../look-into.ts'
import { timeOption } from './time-option.ts'

interface Wanted {
  readonly source: string | undefined
  readonly from: Instant
  readonly to: Instant
}

const beginningOfTime: Instant = { seconds: 0, nanos: 0 }
const endOfTime: Instant = { seconds: Infinity, nanos: 0 }

export const bufferCat: Command = {
  name: 'buffer cat',
  usage: '[-c FILE] [--source NAME] [--from T] [--to T] [--limit N]',
  summary:
    'The events in the buffer as lines of JSON, in the order in which they were read: each as its document.',
  details: [
    'What is settled at every sink lies there as well until its segment is deleted. It reads the files, beside the running agent or without one, as the user that runs it. On a terminal control characters are shown as escapes, which JSON has for them.',
    'Times are those of the events: from T on, and before T. T is 2026-11-26T10:00:00Z, a part of that such as 2026-11-26 (UTC where no zone stands there), or how long ago: 15m, 2h, 1d.',
  ],
  options: {
    ...configOption,
    source: { value: 'NAME', summary: 'Only events of this source; it need not be in the config any more.' },
    from: { value: 'T', summary: 'Only events of this time and later.' },
    to: { value: 'T', summary: 'Only events before this time.' },
    limit: { value: 'N', summary: 'So many at most, the ones that were read first.' },
  },
  takesArguments: false,
  examples: [
    ['logferry buffer cat --source app --from 15m', 'what was read lately?'],
    [
      'logferry buffer cat --from 2026-11-26T10:00Z --to 2026-11-26T11:00Z > hour.ndjson',
      'an hour of events, as a sink of the type "file" would write them',
    ],
  ],
  async run(call, io) {
    const options = { command: 'buffer cat', nowMs: systemClock.now() }
    const wanted: Wanted = {
      source: textOption(call, 'source'),
      from: timeOption(call, 'from', options) ?? beginningOfTime,
      to: timeOption(call, 'to', options) ?? endOfTime,
    }
    let left = countOption(call, 'limit', 'buffer cat') ?? Infinity
    return lookInto(call, io, async ({ config, secrets }) => {
      let lastSequence = 0
      const show = (record: StoredRecordView): boolean => {
        // Written twice, after a sync that failed: it is shown once.
        if (record.sequence <= lastSequence) return true
        lastSequence = record.sequence
        const texts = documentsOf(record, wanted, left)
        left -= texts.length
        if (texts.length === 0) return true
        const text = secrets.redact(`${texts.join('\n')}\n`)
        io.stdout.write(io.stdout.isTTY === true ? escapedLines(text) : text)
        return left > 0 && io.stdout.writable !== false
      }
      for (const { segment } of await lookAtSegments(nodeFileSystem, join(config.data_dir, 'buffer'))) {
        if (!segment || left <= 0 || io.stdout.writable === false) continue
        await eachRecord(nodeFileSystem, segment, ({ record }) => show(record))
      }
      return ExitStatus.done
    })
  },
}

function documentsOf(record: StoredRecordView, { source, from, to }: Wanted, most: number): string[] {
  if (record.count === 0 || (source !== undefined && record.source !== source)) return []
  const { low, high } = timesOf(record)
  if (!isBefore(low, to) || isBefore(high, from)) return []
  const texts: string[] = []
  for (let index = 0; index < record.count && texts.length < most; index += 1) {
    const event = record.event(index)
    if (isBefore(event.time, to) && !isBefore(event.time, from)) texts.push(documentText(event))
  }
  return texts
}

const escapedLines = (text: string): string => text.split('\n').map(escapeControlsInJson).join('\n')
