import type { Edit } from '../../core/event.ts'
import type { MemberSpan } from '../../parsers/json-spans.ts'
import type { AddedMember } from '../../parsers/parser.ts'
import { editedMember, placesInAdded } from '../added-edits.ts'
import { keyOf, placesIn, spanOf } from '../json-places.ts'
import type { StepEvent } from '../step-event.ts'
import { redactJson } from './redact-json.ts'
import type { Redactor } from './redactor.ts'

/** Shorter texts are words and numbers that stand everywhere. */
const fewestCharacters = 4

/** Takes secrets out of an event: out of the line's bytes, out of parsers' members, out of the text that they were made of. */
export class RedactEvent {
  readonly #redactor: Redactor
  readonly #fields: readonly string[] | undefined
  /** The line itself is looked into where it is text. */
  readonly #meansLine: boolean

  constructor(redactor: Redactor, fields: readonly string[] | undefined) {
    this.#redactor = redactor
    this.#fields = fields
    this.#meansLine = fields === undefined || fields.includes('message')
  }

  apply(event: StepEvent): void {
    const wholes = new Set<string>()
    if (event.added.length > 0) this.#added(event, wholes)
    if (event.own) event.splice(this.#ownEdits(event))
    else if (this.#meansLine) this.#line(event, wholes)
  }

  #line(event: StepEvent, wholes: ReadonlySet<string>): void {
    const { text } = event.line
    if (!this.#redactor.begin(text) && wholes.size === 0) return
    const isWhole = this.#fields !== undefined && this.#redactor.isSecretKey('message')
    let redacted = isWhole ? this.#redactor.whole(text) : (this.#redactor.text(text) ?? text)
    // What was secret by the name that a parser gave to it has no name in the text.
    for (const secret of wholes) redacted = redacted.replaceAll(secret, () => this.#redactor.whole(secret))
    if (redacted !== text) event.line.setWhole(Buffer.from(redacted))
  }

  #ownEdits({ own }: StepEvent): Edit[] {
    if (!own) return []
    const redactor = this.#redactor
    const { bytes } = own
    if (!redactor.begin(bytes.toString('latin1', own.start, own.end))) return []
    if (this.#fields === undefined) {
      return Array.from({ length: own.count }, (_, index) =>
        redactJson(
          { bytes, from: own.valueStart(index), to: own.valueEnd(index) },
          keyOf(own, index),
          redactor,
        ),
      ).flat()
    }
    const edits = this.#fields.flatMap((name) =>
      placesIn(own, name).flatMap((place) => {
        const { key, valueStart, valueEnd } = spanOf(place)
        return redactJson({ bytes, from: valueStart, to: valueEnd }, key, redactor)
      }),
    )
    return withoutOverlaps(edits)
  }

  #added(event: StepEvent, wholes: Set<string>): void {
    const fields = this.#fields
    if (fields === undefined) {
      event.added = event.added.map((member) => this.#member(member, wholes))
      return
    }
    for (const name of fields) {
      event.added = event.added.map((member) => (member.key === name ? this.#member(member, wholes) : member))
      const places = placesInAdded(event.added, name)
      if (places.length === 0) continue
      event.added = event.added.map((member) => {
        const edits = places
          .filter((place) => place.member === member)
          .flatMap(({ members, index }) => this.#belowMember(member, members[index]!))
        return edits.length === 0 ? member : editedMember(member, edits)
      })
    }
  }

  #belowMember({ json }: AddedMember, { key, valueStart, valueEnd }: MemberSpan): Edit[] {
    this.#redactor.begin(json)
    return redactJson({ bytes: Buffer.from(json), from: valueStart, to: valueEnd }, key, this.#redactor)
  }

  #member(member: AddedMember, wholes: Set<string>): AddedMember {
    if (!this.#redactor.begin(`${member.key}:${member.json}`)) return member
    const bytes = Buffer.from(member.json)
    const edits = redactJson({ bytes, from: 0, to: bytes.length }, member.key, this.#redactor, (secret) => {
      if (secret.length >= fewestCharacters) wholes.add(secret)
    })
    return edits.length === 0 ? member : editedMember(member, edits)
  }
}

/** `a` and `a.b` may both be named: what lies in an object that is gone through is met twice. */
function withoutOverlaps(edits: readonly Edit[]): Edit[] {
  const seen = new Map<number, Edit>()
  for (const edit of edits) seen.set(edit.at, edit)
  return [...seen.values()]
}
