import { JsonLine } from '../parsers/json-line.ts'
import { EventFinder } from './event-finder.ts'
import { StepEvent } from './step-event.ts'
import type { StepLine } from './step-event.ts'

/** What a condition may ask of an event that is a document already: the names of documents, and those of its line's members. */
export class DocumentFields {
  readonly #event = new StepEvent(new EventFinder(true))
  readonly #json = new JsonLine()

  /** Valid until the next one. */
  of(document: string): StepEvent {
    const bytes = Buffer.from(document)
    const line = new DocumentLine(bytes, document)
    const own = this.#json.scan(bytes, 0, bytes.length) ? this.#json : undefined
    this.#event.begin(line, { own, isTakenApart: false, added: [], parseError: '' }, new Map())
    return this.#event
  }
}

class DocumentLine implements StepLine {
  readonly bytes: Buffer
  readonly text: string
  readonly start = 0
  readonly from = 0
  readonly stream = ''

  constructor(bytes: Buffer, text: string) {
    this.bytes = bytes
    this.text = text
  }

  get end(): number {
    return this.bytes.length
  }

  setWhole(): void {
    throw new Error('a document is not edited')
  }
}
