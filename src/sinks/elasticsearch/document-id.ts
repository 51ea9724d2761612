import { createHash, hash } from 'node:crypto'
import type { StoredEvent, StoredRecord } from '../../buffer/buffer.ts'
import type { ByteWriter } from '../../render/byte-writer.ts'
import { lookUp } from '../../render/members.ts'

/**
 * An id that is the same whenever the same event is sent: 16 characters of a hash of host and generation, made once for
 * each record, then where the event stands in its file. A hash for each event measured 0.5 CPU seconds per GB more, and
 * would tell nothing more apart. The end is part of it, so that a multiline that was joined differently after a restart
 * never hides behind the 409 of its first half.
 */
export function automaticId(event: StoredEvent): string {
  const { record, from, to } = event
  return `${originPart(record)}${from.toString(36)}-${(to - from).toString(36)}`
}

/** What `automaticId` has behind the origin, without making a string. */
export function writePlace(event: StoredEvent, out: ByteWriter): void {
  const from = event.from
  out.base36(from)
  out.byte(0x2d)
  out.base36(event.to - from)
}

let lastRecord: StoredRecord | undefined
let lastSource = ''
let lastOrigin = ''

/** The part of the id that all events of a record have. Records of one file follow each other: they share the hash. */
export function originPart(record: StoredRecord): string {
  if (record === lastRecord) return lastOrigin
  const source = `${record.host}\0${record.generation}`
  if (source !== lastSource) lastOrigin = shortHash(source)
  lastSource = source
  lastRecord = record
  return lastOrigin
}

/** Elasticsearch takes 512 bytes of `_id` and refuses the whole request beyond (measured, reliability.md 4.1). */
const maxIdBytes = 512

/** The id that the event brings in a member; undefined where it brings none. */
export function ownId(event: StoredEvent, field: string): string | undefined {
  const value = lookUp(event, field)
  if (value === undefined || value === '') return undefined
  const isUsable = Buffer.byteLength(value) <= maxIdBytes && !/\p{Surrogate}/u.test(value)
  return isUsable ? value : createHash('sha256').update(value, 'utf16le').digest('base64url')
}

function shortHash(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 16)
}
