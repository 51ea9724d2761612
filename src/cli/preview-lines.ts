import { escapeControls } from '../core/terminal-text.ts'
import type { SinkPreview } from '../sinks/sink.ts'
import type { Output, Style } from './io.ts'

/** Only a terminal obeys control characters; a pipe gets what the sink would get. */
export function shownOn(output: Output): (text: string) => string {
  return (text) => (output.isTTY === true ? text.split('\n').map(escapeControls).join('\n') : text)
}

/** What a sink gets of an event, for people. */
export function previewLines(
  name: string,
  { target, body, details = {} }: SinkPreview,
  { style, shown }: { style: Style; shown: (text: string) => string },
): string[] {
  return [
    `  ${style.bold(name)}: ${style.cyan(shown(target))}`,
    ...body
      .trimEnd()
      .split('\n')
      .map((line) => `    ${shown(line)}`),
    ...Object.entries(details).map(
      ([key, value]) => `    ${style.dim(`${key}:`)} ${shown(detailText(value))}`,
    ),
  ]
}

export const detailText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)
