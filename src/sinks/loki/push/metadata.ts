import type { StoredEvent, StoredRecord } from '../../../buffer/buffer.ts'
import { shownFlags } from '../../../core/event.ts'
import { fieldValue, recordValue } from '../field.ts'
import { cutText } from '../labels/label-set.ts'
import type { Label, Metadata, SharedMetadata } from './push.ts'
import { encodeMetadata } from './push-protobuf.ts'

/** Limits of Loki 3.7.8 per entry: names and values in bytes, and how many. */
export const metadataLimits = { entries: 128, bytes: 64 * 1024 } as const

/** Names of members as Loki would make them: what isn't a letter, digit or underscore becomes an underscore. */
export function metadataKey(name: string): string {
  const key = name.replace(/[^a-zA-Z0-9_]/g, '_')
  return /^[0-9]/.test(key) ? `key_${key}` : key
}

/** A label that left the stream's labels for structured metadata: its name, and its value for an event. */
export interface DemotedLabel {
  readonly name: string
  valueOf(event: StoredEvent): string
}

/** Says what happened to the line. Among `structured_metadata` on request; always there where we cut something. */
export const flagsName = 'log_flags'
const truncatedText = 'truncated'

/** Structured metadata of events. What the events of a record share is made and encoded once. */
export class MetadataBuilder {
  /** Names as they are looked up, by key; of two names with one key the first counts. */
  readonly names: ReadonlyMap<string, string>
  readonly #ofRecords = new WeakMap<StoredRecord, RecordMetadata>()
  #lastRecord: StoredRecord | undefined
  #last: RecordMetadata | undefined

  constructor(names: readonly string[]) {
    const byKey = new Map<string, string>()
    for (const name of names) if (!byKey.has(metadataKey(name))) byKey.set(metadataKey(name), name)
    this.names = byKey
  }

  /** `cutFlags` are those of the entry beyond the event's own; if there are any, all are told. */
  of(event: StoredEvent, demoted: readonly DemotedLabel[], cutFlags: number): Metadata {
    const { metadata, varying } = this.ofRecord(event)
    let own: Label[] | undefined
    for (const [key, name] of varying) {
      const value = name === flagsName ? flagsText(event.flags | cutFlags) : fieldValue(event, name)
      if (value !== '') (own ??= []).push([key, value])
    }
    if (demoted.length === 0 && cutFlags === 0 && !own) return metadata
    own ??= []
    for (const label of demoted) addMissing(metadata.shared, own, [label.name, label.valueOf(event)])
    if (cutFlags !== 0) addMissing(metadata.shared, own, [flagsName, flagsText(event.flags | cutFlags)])
    return withinLimits(metadata.shared, own)
  }

  /** What all events of this one's record share, and what remains to be asked of each. */
  ofRecord(event: StoredEvent): RecordMetadata {
    const record = event.record
    if (this.#last && record === this.#lastRecord) return this.#last
    let found = this.#ofRecords.get(record)
    if (!found) {
      found = this.#makeShared(event)
      this.#ofRecords.set(record, found)
    }
    this.#lastRecord = record
    this.#last = found
    return found
  }

  #makeShared(event: StoredEvent): RecordMetadata {
    const pairs: Label[] = []
    const varying: Label[] = []
    for (const [key, name] of this.names) {
      const value = recordValue(event, name)
      if (value === undefined) varying.push([key, name])
      else pairs.push([key, cutText(value, maxSharedValueBytes)])
    }
    return { metadata: { shared: shared(pairs), own: [] }, varying }
  }
}

/** Paths are the longest of them; six of these fit any entry. */
const maxSharedValueBytes = 8 * 1024

export interface RecordMetadata {
  /** Of an event with nothing of its own. */
  readonly metadata: Metadata
  /** Keys and names that must be looked up for each event. */
  readonly varying: readonly Label[]
}

function shared(pairs: readonly Label[]): SharedMetadata {
  return { pairs, protobuf: encodeMetadata(pairs), size: sizeOf(pairs) }
}

function addMissing(known: SharedMetadata, own: Label[], pair: Label): void {
  const isThere = [...known.pairs, ...own].some(([key]) => key === pair[0])
  if (pair[1] !== '' && !isThere) own.push(pair)
}

/** Values beyond the server's bounds are cut or left out, and the entry says `truncated`. */
function withinLimits(known: SharedMetadata, own: readonly Label[]): Metadata {
  let bound = known.size
  for (const [key, value] of own) bound += key.length + value.length * 3
  const count = known.pairs.length + own.length
  if (bound <= metadataLimits.bytes && count <= metadataLimits.entries) return { shared: known, own }
  return cutToLimits(known, own)
}

function cutToLimits(known: SharedMetadata, own: readonly Label[]): Metadata {
  const flags = own.find(([key]) => key === flagsName)?.[1].split(',') ?? []
  const kept: Label[] = []
  // Room for the flags is kept, so that the cut can be told.
  let room = metadataLimits.bytes - known.size - 64
  let isCut = false
  for (const [key, value] of own) {
    if (key === flagsName) continue
    const fits = known.pairs.length + kept.length < metadataLimits.entries - 1 && room > key.length
    const part = fits ? cutText(value, room - key.length) : ''
    isCut ||= part !== value
    if (part === '') continue
    kept.push([key, part])
    room -= key.length + Buffer.byteLength(part)
  }
  const shown = isCut ? new Set([truncatedText, ...flags]) : flags
  const text = [...shown].join(',')
  if (text !== '') kept.push([flagsName, text])
  return { shared: known, own: kept }
}

export function metadataPairs(metadata: Metadata): readonly Label[] {
  return metadata.own.length === 0 ? metadata.shared.pairs : [...metadata.shared.pairs, ...metadata.own]
}

/** Bytes of names and values, as Loki counts them. */
export function metadataSize(metadata: Metadata): number {
  return metadata.shared.size + sizeOf(metadata.own)
}

function sizeOf(pairs: readonly Label[]): number {
  return pairs.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
}

function flagsText(flags: number): string {
  return shownFlags
    .filter(([bit]) => (flags & bit) !== 0)
    .map(([, name]) => name)
    .join(',')
}
