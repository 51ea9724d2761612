import { join } from 'node:path'
import { formatBytes, formatCount, formatCounted, formatDuration } from '../../admin/quantities.ts'
import { ExitStatus } from '../../core/errors.ts'
import { escapeControls } from '../../core/terminal-text.ts'
import { listLetterSinks, letterPaths, summariesOf } from '../../delivery/letters/read-letters.ts'
import type { LetterFound } from '../../delivery/letters/read-letters.ts'
import { nodeFileSystem } from '../../platform/node-file-system.ts'
import { systemClock } from '../../platform/system-clock.ts'
import { configOption } from '../command.ts'
import type { Command } from '../command.ts'
import { styleOf, widthOf } from '../io.ts'
import type { Style } from '../io.ts'
import { lookInto } from '../look-into.ts'
import { formatTable } from '../table.ts'
import type { Column } from '../table.ts'
import { wrap } from '../wrap.ts'
import { LetterGroups } from './letter-groups.ts'
import type { LetterGroup } from './letter-groups.ts'

/** What `dlq ls --json` prints. */
interface Listing {
  readonly directory: string
  readonly letters: number
  readonly bytes: number
  /** Lines of the files that are no letters: damage of the disk, or another hand. */
  readonly unreadable_lines: number
  readonly groups: readonly LetterGroup[]
}

/** Rows for people; JSON has all. */
const mostRows = 50

export const dlqLs: Command = {
  name: 'dlq ls',
  usage: '[-c FILE] [--json]',
  summary: 'Dead letters grouped by sink, source, reason and field, with what to do about each.',
  details: [
    'It reads the files below data_dir/dead_letters, beside the running agent or without one, as the user that runs it. What is being written at that moment is left out.',
    'REASON is the fixed word of the metrics, TYPE and FIELD are what the server says.',
  ],
  options: { ...configOption, json: { summary: 'One JSON object, for scripts.' } },
  takesArguments: false,
  examples: [
    ['logferry dlq ls', 'what was refused, and what can be done?'],
    ["logferry dlq ls --json | jq '.groups[] | {sink, field, letters}'", 'the fields that do not fit'],
  ],
  run: (call, io) =>
    lookInto(call, io, async ({ config, secrets }) => {
      const listing = await listLetters(join(config.data_dir, 'dead_letters'))
      const lines =
        call.options['json'] === true
          ? [JSON.stringify(listing, undefined, 2)]
          : listingLines(listing, {
              width: widthOf(io.stdout),
              style: styleOf(io.stdout, io.env),
              nowMs: systemClock.now(),
            })
      io.stdout.write(`${secrets.redact(lines.join('\n'))}\n`)
      return ExitStatus.done
    }),
}

async function listLetters(directory: string): Promise<Listing> {
  const groups = new LetterGroups()
  let [letters, bytes, unreadable] = [0, 0, 0]
  const count = (found: LetterFound | undefined): void => {
    if (!found) {
      unreadable += 1
      return
    }
    groups.add(found.letter)
    letters += 1
    bytes += found.to + 1 - found.from
  }
  for (const sink of await listLetterSinks(nodeFileSystem, directory)) {
    for (const path of await letterPaths(nodeFileSystem, directory, sink)) {
      for await (const found of summariesOf(nodeFileSystem, path)) found.forEach(count)
    }
  }
  return { directory, letters, bytes, unreadable_lines: unreadable, groups: groups.list() }
}

interface ListingOptions {
  readonly width: number
  readonly style: Style
  readonly nowMs: number
}

function listingLines(listing: Listing, options: ListingOptions): string[] {
  const { letters, bytes, directory, unreadable_lines: unreadable } = listing
  const { style } = options
  const broken =
    unreadable === 0
      ? []
      : [style.yellow(`left out, as they are no letters: ${formatCounted(unreadable, 'line')}`)]
  if (letters === 0) return [`No dead letters in ${escapeControls(directory)}.`, ...broken]
  const groups = listing.groups.slice(0, mostRows)
  const more = listing.groups.length - groups.length
  return [
    ...groupTable(groups, options),
    ...(more > 0 ? [style.dim(`and ${formatCount(more)} more groups: --json has them all`)] : []),
    '',
    ...adviceLines(groups, options),
    '',
    style.dim(
      `${formatCounted(letters, 'dead letter')}, ${formatBytes(bytes)}, in ${escapeControls(directory)}; \`logferry dlq show\` has them one by one`,
    ),
    ...broken,
  ]
}

function groupTable(groups: readonly LetterGroup[], { nowMs, ...options }: ListingOptions): string[] {
  const age = (time: string): string => formatDuration(nowMs - Date.parse(time))
  const columns: Column<LetterGroup>[] = [
    { head: 'SINK', text: ({ sink }) => sink, gives: 'end' },
    { head: 'SOURCE', text: ({ source }) => source, gives: 'end' },
    { head: 'REASON', text: ({ reason }) => reason, paint: options.style.yellow },
    { head: 'TYPE', text: ({ type }) => type, gives: 'end' },
    { head: 'FIELD', text: ({ field }) => field, gives: 'front' },
    { head: 'LETTERS', text: ({ letters }) => formatCount(letters), isNumber: true },
    { head: 'OLDEST', text: ({ first }) => age(first), isNumber: true },
    { head: 'NEWEST', text: ({ last }) => age(last), isNumber: true },
  ]
  return formatTable(columns, groups, options)
}

/** Each advice once, in front of it the groups that it is for. */
function adviceLines(groups: readonly LetterGroup[], { width, style }: ListingOptions): string[] {
  const names = new Map<string, Set<string>>()
  for (const { sink, reason, field, advice } of groups) {
    const about = names.get(advice) ?? new Set()
    about.add(escapeControls(`${sink}, ${reason}${field === '' ? '' : ` of ${field}`}`))
    names.set(advice, about)
  }
  return [...names].flatMap(([advice, about]) => [
    style.bold([...about].join('; ')),
    ...wrap(escapeControls(advice), '  ', Math.min(width, 100) - 2),
  ])
}
