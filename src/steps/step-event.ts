import type { Edit } from '../core/event.ts'
import { JsonLine } from '../parsers/json-line.ts'
import type { ParsedLine } from '../parsers/chain.ts'
import type { AddedMember } from '../parsers/parser.ts'
import { placesInAdded, withoutPlaces, withValue } from './added-edits.ts'
import type { EventFinder } from './event-finder.ts'
import { foundOfJson } from './found.ts'
import type { Found } from './found.ts'
import { cutsOf, keyOf, placesIn, spanOf, spliced } from './json-places.ts'
import type { JsonPlace, MembersAt } from './json-places.ts'
import { memberText } from './member-text.ts'

/** A line as its lane holds it: `bytes[start, end)`, valid UTF-8. */
export interface StepLine {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly from: number
  /** Of the wrapper, else ''. */
  readonly stream: string
  readonly text: string
  setWhole(bytes: Buffer): void
}

const everySink = -1
const noMembers: readonly AddedMember[] = []

/**
 * One event on its way through the steps: what its line and its parsers say of it. Edits are splices: what no step names
 * stays byte for byte. One of these serves for all lines of a source; it holds its line until the next one begins.
 */
export class StepEvent implements ParsedLine {
  own: JsonLine | undefined
  isTakenApart = false
  added: readonly AddedMember[] = noMembers
  parseError = ''
  /** Bits of the sinks that a route has chosen; all bits where none has. */
  routes = everySink
  isRouted = false
  #line!: StepLine
  /** For a line that only becomes JSON on the way. */
  readonly #spare = new JsonLine()
  #shared: ReadonlyMap<string, Found> = new Map()
  readonly #finder: EventFinder

  constructor(finder: EventFinder) {
    this.#finder = finder
  }

  /** `shared`: the members that all events of its file have, by `sharedFields`. */
  begin(line: StepLine, parsed: ParsedLine, shared: ReadonlyMap<string, Found>): void {
    this.#line = line
    this.#shared = shared
    this.routes = everySink
    this.isRouted = false
    this.take(parsed)
  }

  /** Goes on with what a parser made of it. */
  take({ own, isTakenApart, added, parseError }: ParsedLine): void {
    this.own = own
    this.isTakenApart = isTakenApart
    this.added = added
    this.parseError = parseError
  }

  get line(): StepLine {
    return this.#line
  }

  /** Where a parser may scan the line. */
  get json(): JsonLine {
    return this.own ?? this.#spare
  }

  /** The line is its message, and nothing else is known of it by that name. */
  get isPlain(): boolean {
    return !this.own && !this.isTakenApart
  }

  route(mask: number): void {
    if (this.isRouted) return
    this.isRouted = true
    this.routes = mask
  }

  /**
   * The value of a name: what the agent itself will write or find first, as documents and templates have it, then a
   * member spelled so, then a path.
   */
  find(name: string): Found | undefined {
    return this.#foundByAgent(name) ?? this.findOwn(name) ?? this.#lastResort(name)
  }

  /** The same without what the agent makes of it: the line's own members and the parsers'. */
  findOwn(name: string): Found | undefined {
    if (this.isPlain && name === 'message') return { text: this.#line.text }
    for (let index = this.added.length - 1; index >= 0; index--) {
      const member = this.added[index]!
      if (member.key === name) return foundOfJson(member.json)
    }
    const place = placesInAdded(this.added, name).at(-1)
    if (place) return foundOfJson(place.json)
    return this.own ? foundIn(this.own, name) : undefined
  }

  /** None of the names may lie within another one. */
  remove(names: readonly string[]): void {
    if (this.isPlain && names.includes('message')) {
      this.isTakenApart = true
      this.#line.setWhole(Buffer.alloc(0))
    }
    if (this.added.length > 0) for (const name of names) this.added = withoutPlaces(this.added, name)
    const { own } = this
    if (!own) return
    const seen: MembersAt = new Map()
    const places = names.flatMap((name) => placesIn(own, name, seen))
    if (places.length > 0) this.splice(cutsOf(places))
  }

  /** Gives the member another name; what was called so before is gone. Nothing happens where there is none. */
  rename(from: string, to: string): void {
    if (this.isPlain && from === 'message') {
      const { text } = this.#line
      this.added = [...withoutPlaces(this.added, to), memberText(to, text)]
      this.isTakenApart = true
      return
    }
    const isAdded = this.added.some(({ key }) => key === from)
    if (!isAdded && (this.own ? placesIn(this.own, from) : []).length === 0) return
    this.remove([to])
    if (isAdded) {
      this.added = this.added.map((member) => (member.key === from ? { ...member, key: to } : member))
      // The parser's stood for the line's own of that name, which must not come back now.
      if (this.own) this.splice(cutsOf(placesIn(this.own, from)))
    } else this.#renameOwn(this.own!, { from, to })
  }

  /** Sets a member, where it is or behind the others. */
  set(name: string, member: AddedMember): void {
    if (this.isPlain && name === 'message') {
      this.#line.setWhole(Buffer.from(typeof member.value === 'string' ? member.value : member.json))
      return
    }
    const changed = withValue(this.added, name, member)
    const isAdded = changed !== undefined
    if (changed) this.added = changed
    if (!this.own) {
      if (!isAdded) this.added = [...this.added, member]
      return
    }
    const places = placesIn(this.own, name)
    if (places.length === 0) {
      if (!isAdded) this.splice([this.#appended(this.own, name, member.json)])
      return
    }
    this.splice(places.map(spanOf).map(({ valueStart: at, valueEnd }) => edit(at, valueEnd, member.json)))
  }

  /** Replaces bytes of the line. Places count from the beginning of its buffer. */
  splice(edits: Edit[]): void {
    if (edits.length === 0) return
    const bytes = spliced(this.#line.bytes, this.#line.start, this.#line.end, edits)
    this.#line.setWhole(bytes)
    if (this.own && !this.own.scan(bytes, 0, bytes.length)) throw new Error('a step broke a JSON line')
  }

  #foundByAgent(name: string): Found | undefined {
    switch (name) {
      case 'level':
      case 'log.level':
        return nonEmpty(this.#finder.level(this))
      case 'trace_id':
      case 'trace.id':
        return nonEmpty(this.#finder.ids(this, () => this.#line.text).traceId)
      case 'span_id':
      case 'span.id':
        return nonEmpty(this.#finder.ids(this, () => this.#line.text).spanId)
      case 'log.offset':
        return { json: String(this.#line.from) }
      case 'stream':
        return nonEmpty(this.#line.stream)
      case 'parse_error':
        return nonEmpty(this.parseError)
      default:
        return this.#shared.get(name)
    }
  }

  #lastResort(name: string): Found | undefined {
    return name === 'app' ? this.#shared.get('kubernetes.container.name') : undefined
  }

  /** In its object the key alone changes; a member that leaves its object is cut there and put behind the others. */
  #renameOwn(own: JsonLine, { from, to }: { from: string; to: string }): void {
    const moved: JsonPlace[] = []
    const edits: Edit[] = []
    const places = placesIn(own, from)
    for (const place of places) {
      const { keyStart, keyEnd } = spanOf(place)
      const above = place.isSpelled ? '' : from.slice(0, from.length - place.key.length)
      if (to.startsWith(above)) edits.push(edit(keyStart, keyEnd, JSON.stringify(to.slice(above.length))))
      else moved.push(place)
    }
    const values = moved
      .map(spanOf)
      .map(({ valueStart, valueEnd }) => own.bytes.toString('utf8', valueStart, valueEnd))
    this.splice([...edits, ...cutsOf(moved)])
    for (const json of values) this.splice([this.#appended(own, to, json)])
  }

  #appended(own: JsonLine, name: string, json: string): Edit {
    const isEmpty = own.count === 0
    const at = isEmpty ? own.firstByte + 1 : own.valueEnd(own.count - 1)
    return { at, cut: 0, insert: `${isEmpty ? '' : ','}${JSON.stringify(name)}:${json}` }
  }
}

const edit = (at: number, end: number, insert: string): Edit => ({ at, cut: end - at, insert })

const nonEmpty = (text: string): Found | undefined => (text === '' ? undefined : { text })

/** The last member spelled so, else the last one at the path, as templates have it. */
function foundIn(own: JsonLine, name: string): Found | undefined {
  for (let index = own.count - 1; index >= 0; index--) {
    if (keyOf(own, index) === name)
      return foundOfJson(textOf(own, own.valueStart(index), own.valueEnd(index)))
  }
  const place = name.includes('.') ? placesIn(own, name).at(-1) : undefined
  return place && foundOfJson(textOf(own, spanOf(place).valueStart, spanOf(place).valueEnd))
}

const textOf = (own: JsonLine, from: number, to: number): string => own.bytes.toString('utf8', from, to)
