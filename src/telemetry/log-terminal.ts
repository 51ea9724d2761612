import { escapeControls } from '../core/terminal-text.ts'

const colours: Readonly<Record<string, string>> = {
  debug: '36',
  info: '32',
  warn: '33',
  error: '31',
  fatal: '35',
}

/**
 * One JSON line of the log as one line of text for people: `18:03:07.250 WARN  sink es does not answer  sink=es tries=3`.
 * All that is not ours is escaped, so that a file name or a server's answer cannot write on the terminal by itself.
 */
export function formatForTerminal(line: string, colour: boolean): string {
  const parsed: Record<string, unknown> = JSON.parse(line)
  const { time, level, msg, ...fields } = parsed
  const paint = (code: string, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const name = String(level)
  const clock = paint('2', localTime(String(time)))
  const label = paint(colours[name] ?? '0', name.toUpperCase().padEnd(5))
  const rest = Object.entries(fields).map(
    ([key, value]) => `${paint('2', `${escapeControls(key)}=`)}${formatValue(value)}`,
  )
  const tail = rest.length > 0 ? `  ${rest.join(' ')}` : ''
  return `${clock} ${label} ${escapeControls(String(msg))}${tail}\n`
}

/** `18:03:07.250` where the person is; the JSON log has UTC. */
function localTime(iso: string): string {
  return `${new Date(iso).toTimeString().slice(0, 8)}${iso.slice(19, 23)}`
}

function formatValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return quoteIfNeeded(String(value))
  // The stack of an error would fill the screen; the JSON log has it.
  if ('stack' in value && 'message' in value) return quoteIfNeeded(describeError(value))
  return escapeControls(JSON.stringify(value))
}

/** Without its stack. */
export function describeError(error: { message: unknown; code?: unknown }): string {
  const message = String(error.message)
  const { code } = error
  return typeof code !== 'string' || message.includes(code) ? message : `${message} (${code})`
}

function quoteIfNeeded(text: string): string {
  return escapeControls(/^[^\s"=]+$/.test(text) ? text : JSON.stringify(text))
}
