import type { StoredEvent, StoredRecord } from '../../buffer/buffer.ts'
import { Body, severityNames } from '../../core/event.ts'
import { lookUp } from '../../render/members.ts'
import type { Template } from '../../render/template.ts'
import { LastEvent } from '../../render/last-event.ts'

/**
 * Fields of templates as labels and structured metadata need them: for every event, several times. `lookUp` makes and
 * scans the whole document for a name that the agent itself has no value for, which for the default `trace_id` and
 * `span_id` is most events (measured: 10 of 15 CPU seconds per GB). So ask the line first whether it can have the name.
 */

/** The value of `{name}`, or ''. */
export function fieldValue(event: StoredEvent, name: string): string {
  const found = ownFinding(event, name)
  if (found !== '') return found
  return mayHave(event, name) ? (lookUp(event, name) ?? '') : ''
}

export function renderFields(event: StoredEvent, template: Template): string {
  let text = ''
  for (const part of template.parts) {
    text += part.kind === 'text' ? part.text : fieldValue(event, part.name) || part.fallback
  }
  return text
}

/** The value of a name that all events of the record share, or undefined where events must be asked one by one. */
export function recordValue(event: StoredEvent, name: string): string | undefined {
  return lookUpShared(event.record).get(name)
}

/** What a template comes to for all events of the record, or undefined where they may differ. */
export function recordText(event: StoredEvent, template: Template): string | undefined {
  let text = ''
  for (const part of template.parts) {
    const value = part.kind === 'text' ? part.text : recordValue(event, part.name)
    if (value === undefined) return undefined
    text += value
  }
  return text
}

/**
 * Whether the kernel may look `name` up: then, unless the agent found it or the record has it, it is a member of that very
 * name or nothing. Paths lead into members, and the agent writes `message` and the time into documents itself.
 */
export function isMemberName(name: string): boolean {
  return !name.includes('.') && name !== 'message' && name !== '@timestamp'
}

/** All that the value of a member name can come to through what the record's events share, as a text to compare by; or ''. */
export function sharedPart(record: StoredRecord, name: string): string {
  const names = [name, documentNames[name], name === 'app' ? 'kubernetes.container.name' : undefined]
  const members = record.shared.filter((member) => names.includes(member.name))
  return members.map((member) => `${member.name}=${member.json}`).join('\n')
}

function ownFinding(event: StoredEvent, name: string): string {
  if (name === 'level') return severityNames[event.severity]
  if (name === 'trace_id') return event.traceId
  if (name === 'span_id') return event.spanId
  return recordValue(event, name) ?? ''
}

/** Names whose value is the same for all events of a record, as long as the record has one. */
const documentNames: Readonly<Record<string, string>> = {
  host_name: 'host.name',
  filename: 'log.file.path',
  namespace: 'kubernetes.namespace',
  pod: 'kubernetes.pod.name',
  container: 'kubernetes.container.name',
  // An own member `app` comes before the container's name, so only the pod's label settles it for all events.
  app: 'kubernetes.labels.app',
}

const valuesOfRecord = new WeakMap<StoredRecord, ReadonlyMap<string, string>>()
let lastRecord: StoredRecord | undefined
let lastValues: ReadonlyMap<string, string> = new Map()

/** Events come in runs of one record, so the last one is looked at before the map. */
function lookUpShared(record: StoredRecord): ReadonlyMap<string, string> {
  if (record === lastRecord) return lastValues
  let values = valuesOfRecord.get(record)
  if (!values) {
    values = readShared(record)
    valuesOfRecord.set(record, values)
  }
  lastRecord = record
  lastValues = values
  return values
}

function readShared(record: StoredRecord): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const [name, documentName] of Object.entries(documentNames)) {
    const json = record.shared.find((member) => member.name === documentName)?.json
    const value: unknown = json === undefined ? '' : JSON.parse(json)
    if (typeof value === 'string' && value !== '') values.set(name, value)
  }
  return values
}

/** False only if the document can't have `name`; paths are asked for by their first key. */
function mayHave(event: StoredEvent, name: string): boolean {
  const dot = name.indexOf('.')
  const key = dot < 0 ? name : name.slice(0, dot)
  if (event.members !== '' && event.members.includes(key)) return true
  if (event.body === Body.json && lineHas(event, key)) return true
  return isAgents(event, key)
}

let latin1: string = ''
const latin1Of = new LastEvent()

/**
 * A key written with escapes (`"trace\u005fid"`) isn't found here and counts as missing. One copy of the line as
 * latin1 and searches in that cost half of what searching the bytes for each name does (260 against 490 ns for two).
 */
function lineHas(event: StoredEvent, key: string): boolean {
  if (!latin1Of.is(event)) {
    const line = event.line
    latin1 = Buffer.prototype.latin1Slice.call(line, 0, line.length)
  }
  return latin1.includes(isAscii(key) ? key : Buffer.from(key).toString('latin1'))
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length
}

/** What the agent adds to documents beside the findings above. */
function isAgents(event: StoredEvent, key: string): boolean {
  if (key === 'log' || key === 'trace' || key === 'span' || key === '@timestamp') return true
  if (key === 'message') return event.body === Body.message
  const wanted = key === 'app' ? 'kubernetes.container.name' : key
  return event.record.shared.some((member) => member.name.startsWith(wanted))
}
