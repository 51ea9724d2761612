import { formatCounted } from '../admin/quantities.ts'
import { escapeControls } from '../core/terminal-text.ts'
import type { Style } from './io.ts'
import type { StatusAnswer } from './status-answer.ts'
import { wrap } from './wrap.ts'

export interface NoteOptions {
  readonly width: number
  readonly style: Style
}

/**
 * What stands below a table, in words: whole, as half of an error helps nobody, and broken to the width, as a line that the
 * terminal itself breaks is one more than `top` has counted.
 */
export function noteLines(
  head: string,
  text: string,
  width: number,
  paint: (text: string) => string,
): string[] {
  const [first = '', ...others] = wrap(`${head}: ${escapeControls(text)}`, '', width - 4)
  const painted = first.startsWith(head) ? paint(head) + first.slice(head.length) : first
  return [`  ${painted}`, ...others.map((line) => `    ${line}`)]
}

/** Of each source: below that the sinks would leave the screen. */
const mostNotRead = 3

/** A source without a file looks well otherwise, and so does one that reads half of its files. */
export function notReadNotes(
  names: readonly string[],
  { sources, files }: Pick<StatusAnswer, 'sources' | 'files'>,
  { width, style }: NoteOptions,
): string[] {
  return names.flatMap((name) => {
    const { unreadable = [], unreadable_files: count = 0 } = sources[name] ?? {}
    const shown = unreadable.slice(0, mostNotRead)
    const texts = shown.map(({ path, reason }) => `${path} ${reason}`)
    if (count > shown.length) texts.push(`${formatCounted(count - shown.length, 'more path')} like that`)
    const isEmpty = count === 0 && !isRemoved(sources[name]) && !files.some(({ source }) => source === name)
    if (isEmpty) texts.push('no file is read; `logferry doctor` says why')
    return texts.flatMap((text) => noteLines(name, text, width, style.yellow))
  })
}

/** It is in no config any more; only its counters are left. */
export const isRemoved = (source: StatusAnswer['sources'][string] | undefined): boolean =>
  source?.lane_reason === 'not configured'

/** Of a sink that is well again its last error is history; its dead letters are not. */
export function sinkNotes(sinks: StatusAnswer['sinks'], { width, style }: NoteOptions): string[] {
  const errors = Object.entries(sinks).flatMap(([name, { state, last_error: error }]) =>
    state === 'ok' || error === null ? [] : noteLines(name, error, width, style.yellow),
  )
  const letters = Object.entries(sinks).flatMap(([name, { dead_letters_stored: count }]) =>
    count === 0
      ? []
      : noteLines(
          name,
          `${formatCounted(count, 'dead letter')}; \`logferry dlq ls\` says why`,
          width,
          style.yellow,
        ),
  )
  return [...errors, ...letters]
}
