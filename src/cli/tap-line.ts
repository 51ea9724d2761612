import { escapeControls } from '../core/terminal-text.ts'
import { isJsonObject } from '../parsers/json-object.ts'
import type { JsonObject } from '../parsers/json-object.ts'
import { styleOf } from './io.ts'
import type { Io, Style } from './io.ts'

/** What the agent has found or added, and a person need not see again behind time, level and message. */
const known = new Set(['@timestamp', 'host.name', 'log.file.path', 'log.offset', 'log.level', 'log.flags'])
const messageNames = ['message', 'msg', 'log'] as const

/** A line of a tap for people: time, level, source, message, and what else the event says. */
export function tapLine(line: string, io: Pick<Io, 'stdout' | 'env'>): string {
  const style = styleOf(io.stdout, io.env)
  const said: unknown = JSON.parse(line)
  if (!isJsonObject(said)) return ''
  if (typeof said['left_out'] === 'number') return style.yellow(`… ${said['left_out']} events left out`)
  const { source, event } = said
  if (!isJsonObject(event)) return ''
  const name = messageNames.find((each) => typeof event[each] === 'string')
  const message = name === undefined ? '' : String(event[name])
  const level = textAt(event, 'log.level')
  const parts = [
    style.dim(textAt(event, '@timestamp')),
    colourOf(level, style)(level.toUpperCase().padEnd(5)),
    style.cyan(textAt({ source }, 'source')),
    escapeControls(message),
    style.dim(escapeControls(otherMembers(event, name))),
  ]
  return parts.filter((part) => part !== '').join(' ')
}

const textAt = (event: JsonObject, name: string): string => {
  const value = event[name]
  return typeof value === 'string' ? escapeControls(value) : ''
}

function otherMembers(event: JsonObject, message: string | undefined): string {
  const others = Object.entries(event).filter(
    ([name]) => name !== message && !known.has(name) && !['time', 'ts', 'timestamp', 'level'].includes(name),
  )
  return others.map(([name, value]) => `${name}=${valueText(value)}`).join(' ')
}

const valueText = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)

function colourOf(level: string, style: Style): (text: string) => string {
  if (level === 'error' || level === 'fatal') return style.red
  if (level === 'warn') return style.yellow
  return level === 'info' ? style.green : style.dim
}
