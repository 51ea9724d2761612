import type { StoredEvent, StoredRecord } from '../buffer/buffer.ts'
import { Body, severityNames } from '../core/event.ts'
import { ByteWriter } from './byte-writer.ts'
import { writeDocument } from './document.ts'
import { findMember } from './json-scan.ts'
import { LastEvent } from './last-event.ts'

/**
 * Looks up `name` for a template: the names that the agent gives to its own findings first (they are what Loki's
 * labels are called), then a member of the document spelled so, then a path. Undefined for what is missing or null.
 * Objects and arrays come as JSON text.
 */
export function lookUp(event: StoredEvent, name: string): string | undefined {
  const found = builtIn(event, name)
  if (found !== undefined && found !== '') return found
  // Of a plain line the document has nothing beyond what is searched above, unless the agent added it.
  const document = documentOf(event)
  const span = findMember(document, name)
  if (span !== undefined) return valueText(document, span.from, span.to)
  return name === 'app' ? shared(event.record, 'kubernetes.container.name') : undefined
}

function builtIn(event: StoredEvent, name: string): string | undefined {
  switch (name) {
    case 'level':
      return severityNames[event.severity]
    case 'trace_id':
      return event.traceId
    case 'span_id':
      return event.spanId
    case 'host_name':
      return shared(event.record, 'host.name')
    case 'filename':
      return shared(event.record, 'log.file.path')
    case 'namespace':
      return shared(event.record, 'kubernetes.namespace')
    case 'pod':
      return shared(event.record, 'kubernetes.pod.name')
    case 'container':
      return shared(event.record, 'kubernetes.container.name')
    case 'app':
      return shared(event.record, 'kubernetes.labels.app')
    default:
      return undefined
  }
}

const sharedTexts = new WeakMap<StoredRecord, Map<string, string>>()

function shared(record: StoredRecord, name: string): string | undefined {
  let texts = sharedTexts.get(record)
  if (texts === undefined) {
    texts = new Map()
    for (const member of record.shared) {
      const json = Buffer.from(member.json)
      const text = valueText(json, 0, json.length)
      if (text !== undefined) texts.set(member.name, text)
    }
    sharedTexts.set(record, texts)
  }
  return texts.get(name)
}

/** The document of the event that was asked for last: a template with several names makes it once. */
const scratch = new ByteWriter()
const scratchOf = new LastEvent()

function documentOf(event: StoredEvent): Buffer {
  if (!scratchOf.is(event)) {
    scratch.clear()
    writeDocument(event, scratch)
  }
  return scratch.view()
}

function valueText(json: Buffer, from: number, to: number): string | undefined {
  const text = json.toString('utf8', from, to)
  if (text === 'null') return undefined
  return text.startsWith('"') ? String(JSON.parse(text)) : text
}

/** What a person reads of the event: the member `message`, `msg` or `log` of a JSON line, else the line. */
export function messageOf(event: StoredEvent): string {
  if (event.body !== Body.message) {
    for (const name of ['message', 'msg', 'log']) {
      const found = lookUp(event, name)
      if (found !== undefined) return found
    }
  }
  return Buffer.from(event.line.buffer, event.line.byteOffset, event.line.length).toString('utf8')
}
