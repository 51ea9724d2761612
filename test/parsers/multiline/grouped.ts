import { multilinePresets } from '../../../src/parsers/multiline/presets.ts'
import type { MultilinePreset } from '../../../src/parsers/multiline/presets.ts'

/** The text's lines as events of the preset: blank lines are part of an event only where a line of it follows. */
export function grouped(preset: MultilinePreset, text: string): string[] {
  const rule = multilinePresets[preset]
  const events: string[] = []
  let state: number | undefined
  let blanks = ''
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      blanks += '\n'
      continue
    }
    const next = state === undefined ? -1 : rule.continues(line, state)
    if (next >= 0) events.push(`${events.pop()}${blanks}\n${line}`)
    else events.push(line)
    state = next >= 0 ? next : rule.begins(line)
    blanks = ''
  }
  return events
}

/** Each event as one string; the whole text is put together and taken apart again. */
export const together = (preset: MultilinePreset, events: readonly string[]): string[] =>
  grouped(preset, events.join('\n'))
