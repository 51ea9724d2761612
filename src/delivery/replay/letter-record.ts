import { Buffer } from 'node:buffer'
import type { Edit, Instant } from '../../core/event.ts'
import { Body, Severity } from '../../core/event.ts'
import type { SharedMember } from '../../core/chunk.ts'
import type { StoredEvent, StoredRecord } from '../../buffer/buffer.ts'
import type { DeadLetter } from '../letters/dead-letter.ts'

const noEdits: readonly Edit[] = []
const noTime: Instant = { seconds: 0, nanos: 0 }

/** A dead letter where delivery expects a record: it has one event, of which nothing but name and place is known. */
export class LetterRecord implements StoredRecord {
  readonly letter: DeadLetter
  readonly sequence: number
  readonly host = ''
  readonly count = 1
  readonly bytes: number
  readonly shared: readonly SharedMember[]

  constructor(letter: DeadLetter, sequence: number, bytes: number) {
    this.letter = letter
    this.sequence = sequence
    this.bytes = bytes
    this.shared = [{ name: 'log.file.path', json: JSON.stringify(letter.origin.path) }]
  }

  get source(): string {
    return this.letter.source
  }

  get generation(): string {
    return this.letter.origin.generation
  }

  get from(): number {
    return this.letter.origin.from
  }

  get to(): number {
    return this.letter.origin.to
  }

  textBytes(): number {
    return this.bytes
  }

  event(): StoredEvent {
    return new LetterEvent(this)
  }
}

class LetterEvent implements StoredEvent {
  readonly record: LetterRecord
  readonly index = 0
  readonly time = noTime
  readonly seconds = 0
  readonly nanos = 0
  readonly precision = 0
  readonly routes = 0
  readonly bump = 0
  readonly severity = Severity.none
  readonly flags = 0
  readonly body = Body.message
  readonly traceId = ''
  readonly spanId = ''
  readonly lineAt = 0
  readonly traceAt = 0
  readonly traceLength = 0
  readonly spanAt = 0
  readonly spanLength = 0
  readonly members = ''
  readonly edits = noEdits
  readonly suppressed = 0

  constructor(record: LetterRecord) {
    this.record = record
  }

  get from(): number {
    return this.record.from
  }

  get to(): number {
    return this.record.to
  }

  get lineLength(): number {
    return this.record.bytes
  }

  get line(): Uint8Array {
    return this.bytes
  }

  get bytes(): Buffer {
    return Buffer.from(this.record.letter.event.body)
  }
}

/** The letter behind an event of a `LetterRecord`. */
export function letterOf({ record }: StoredEvent): DeadLetter {
  if (!(record instanceof LetterRecord)) throw new TypeError('no dead letter')
  return record.letter
}
