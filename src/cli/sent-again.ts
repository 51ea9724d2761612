import { z } from 'zod'
import { formatCount, formatCounted } from '../admin/quantities.ts'
import { escapeControls } from '../core/terminal-text.ts'
import type { Style } from './io.ts'

/** What the agent says of events that it sends to a sink again, of the buffer or dead letters. */
export const sentAgain = z.object({
  sent: z.number(),
  refused: z.number(),
  /** By reason, with the server's last text for each. */
  refusals: z.record(z.string(), z.object({ events: z.number(), text: z.string() })),
  /** Why nothing moves now. */
  waits: z.string().optional(),
  /** The sink stopped in the middle of it: a reload has changed or removed it. */
  stopped: z.boolean().optional(),
})
export type SentAgain = z.output<typeof sentAgain>

/** For who looks on: `es 1,234 sent, 5 refused (the sink is retrying)`. */
export function progressText(sinks: Readonly<Record<string, SentAgain>>): string {
  return Object.entries(sinks)
    .map(([name, { sent, refused, waits }]) => {
      const refusedText = refused > 0 ? `, ${formatCount(refused)} refused` : ''
      return `${name} ${formatCount(sent)} sent${refusedText}${waits === undefined ? '' : ` (waits: ${waits})`}`
    })
    .join(' · ')
}

/** Below a sink's line: what it refused and why, and that it stopped. */
export function refusalLines({ refusals, stopped }: SentAgain, style: Style): string[] {
  const lines = Object.entries(refusals).map(
    ([reason, { events, text }]) =>
      `  ${style.yellow(reason)} ${formatCounted(events, 'event')}: ${escapeControls(text)}`,
  )
  const note = 'it ended early, as a reload has changed or removed the sink: run it again for the rest'
  return stopped === true ? [...lines, `  ${style.yellow(note)}`] : lines
}

/** Whether all that was asked for has come to its sink. */
export const isAllWell = (sinks: Readonly<Record<string, SentAgain>>): boolean =>
  Object.values(sinks).every(({ refused, stopped }) => refused === 0 && stopped !== true)
