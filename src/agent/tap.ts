import type { StoredEvent, StoredRecord } from '../buffer/buffer.ts'
import type { Cancel, Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import { documentText } from '../render/document.ts'
import { compileCondition } from '../steps/condition.ts'
import { DocumentFields } from '../steps/document-fields.ts'

/** Whoever waits between two events is told that the tap is still there: a connection on which nothing moves is let go. */
const aliveMs = 5_000

export interface TapOptions {
  /** Only of this source. */
  readonly source: string | undefined
  /** A condition as in steps, asked of the document. Throws a `ConditionError` for a bad one. */
  readonly where: string | undefined
  /** `limits.tapEventsPerSecond` unless told otherwise. */
  readonly eventsPerSecond?: number
  readonly clock: Clock
  readonly out: TapOutput
}

export interface TapOutput {
  write(text: string): void
  /** Bytes that the reader has not taken. */
  readonly unreadBytes: number
}

/**
 * A live tail: events as they go into the buffer, one line of JSON each, `{"source":"app","event":{…}}`; an empty line now
 * and then. It is a look through the window, not a delivery: what is more than its bounds is left out and counted,
 * `{"left_out":1234}` for each second, so that it takes next to nothing from the agent.
 */
export class Tap {
  readonly #options: TapOptions
  readonly #matches: ((document: string) => boolean) | undefined
  #second = Number.NaN
  #shown = 0
  #looked = 0
  #leftOut = 0
  #end: () => void = () => {}
  #cancelAlive: Cancel

  constructor(options: TapOptions) {
    this.#options = options
    this.#matches = options.where === undefined ? undefined : matcher(options.where)
    this.#cancelAlive = this.#stayAlive()
  }

  /** What ends its looking. */
  closed(end: () => void): void {
    this.#end = end
  }

  close(): void {
    this.#end()
    this.#cancelAlive()
  }

  take(record: StoredRecord): void {
    const { source, out } = this.#options
    if (source !== undefined && source !== record.source) return
    this.#countAnew()
    const name = JSON.stringify(record.source)
    let event: StoredEvent | undefined
    let text = ''
    for (let index = 0; index < record.count; index++) {
      if (this.#isFull()) {
        this.#leftOut += record.count - index
        break
      }
      event = record.event(index, event)
      const document = documentText(event)
      this.#looked++
      if (this.#matches && !this.#matches(document)) continue
      this.#shown++
      text += `{"source":${name},"event":${document}}\n`
    }
    if (text !== '') out.write(text)
  }

  #isFull(): boolean {
    const { out, eventsPerSecond = limits.tapEventsPerSecond } = this.#options
    const isReadSlowly = out.unreadBytes > limits.tapUnreadBytes
    return isReadSlowly || this.#shown >= eventsPerSecond || this.#looked >= limits.tapLooksPerSecond
  }

  #countAnew(): void {
    const second = Math.floor(this.#options.clock.monotonic() / 1000)
    if (second === this.#second) return
    this.#second = second
    this.#tellLeftOut()
    this.#shown = 0
    this.#looked = 0
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0) return
    this.#options.out.write(`{"left_out":${this.#leftOut}}\n`)
    this.#leftOut = 0
  }

  #stayAlive(): Cancel {
    return this.#options.clock.after(aliveMs, () => {
      this.#tellLeftOut()
      this.#options.out.write('\n')
      this.#cancelAlive = this.#stayAlive()
    })
  }
}

function matcher(where: string): (document: string) => boolean {
  const condition = compileCondition(where)
  const fields = new DocumentFields()
  // What cannot be evaluated does not match: it is somebody's question about a line, and no trouble of the line's.
  const trouble = { add() {} }
  return (document) => condition.isTrue(fields.of(document), trouble)
}
