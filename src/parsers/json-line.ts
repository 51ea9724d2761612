import { ExpectedKeys, expectedKeyBytes } from './expected-keys.ts'
import { KeyTable } from './key-table.ts'
import type { JsonObject } from './json-object.ts'
import { isJsonObject } from './json-object.ts'
import { behindColon, endOfSpace, endOfString, endOfValue, stopsString } from './json-grammar.ts'

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const comma = 0x2c
const colon = 0x3a

/** No place in a line. */
const wellEnded = -1

/** Numbers for each member: where its key (without quotes) and its value begin and end, and the key's number. */
const fields = 5

/**
 * A line that is a JSON object: where its members stand, and what they hold for who asks. One of these serves for all
 * lines of a file, one after the other, so that a line costs neither an object nor a string.
 */
export class JsonLine {
  bytes: Buffer = Buffer.alloc(0)
  start = 0
  end = 0
  /** Members at the top, duplicates included, in their order. */
  count = 0
  readonly keys = new KeyTable()
  #members = new Int32Array(64 * fields)
  #object: JsonObject | undefined
  /** The keys that the lines before had at each place. */
  readonly #expected = new ExpectedKeys()
  #epoch = 0

  /** False where `bytes[start, end)`, which must be UTF-8, is not exactly one JSON object: as `JSON.parse` decides it. */
  scan(bytes: Buffer, start: number, end: number): boolean {
    this.bytes = bytes
    this.start = start
    this.end = end
    this.count = 0
    this.#object = undefined
    this.keys.beginLine()
    if (this.#epoch !== this.keys.epoch) this.#forget()
    let at = endOfSpace(bytes, start, end)
    if (at >= end || bytes[at] !== openBrace) return false
    at = endOfSpace(bytes, at + 1, end)
    if (at < end && bytes[at] === closeBrace) return endOfSpace(bytes, at + 1, end) === end
    while (at >= 0 && at < end) {
      at = this.#usualMembers(at)
      if (at === wellEnded) return true
      at = this.#member(endOfSpace(bytes, at, end))
      if (at < 0 || at >= end) return false
      if (bytes[at] === closeBrace) return endOfSpace(bytes, at + 1, end) === end
      if (bytes[at] !== comma) return false
      at = endOfSpace(bytes, at + 1, end)
    }
    return false
  }

  /** Behind the first quote of the key. */
  keyStart(index: number): number {
    return this.#members[index * fields]!
  }

  /** Of the key's closing quote. */
  keyEnd(index: number): number {
    return this.#members[index * fields + 1]!
  }

  /** Its number in `keys`; -1 for one that is too long to have any. */
  keyId(index: number): number {
    return this.#members[index * fields + 2]!
  }

  valueStart(index: number): number {
    return this.#members[index * fields + 3]!
  }

  valueEnd(index: number): number {
    return this.#members[index * fields + 4]!
  }

  key(index: number): string {
    return keyText(this.bytes, this.keyStart(index), this.keyEnd(index))
  }

  /** Of the opening brace; space may stand before it. */
  get firstByte(): number {
    return endOfSpace(this.bytes, this.start, this.end)
  }

  /** The bytes of the line alone. */
  view(): Buffer {
    return this.bytes.subarray(this.start, this.end)
  }

  /** What `JSON.parse` makes of the line; made once, and only where somebody needs more than a few members. */
  get object(): JsonObject {
    this.#object ??= objectOf(this.bytes.toString('utf8', this.start, this.end))
    return this.#object
  }

  /**
   * The members from the quote at `at` on that are written as nearly all are: the key that was expected, no space, a string
   * without escapes or whatever `endOfValue` takes. All in one loop, as calls cost more than the bytes (1.2 against 2.0 CPU
   * s/GB). Returns where the first other member begins, or that the line ended well.
   */
  #usualMembers(from: number): number {
    const { bytes, end } = this
    const { texts, lengths, ids } = this.#expected
    let at = from
    for (;;) {
      const index = this.count
      if (index === lengths.length || bytes[at] !== quote) return at
      const keyEnd = at + 1 + lengths[index]!
      if (keyEnd <= at || keyEnd >= end || bytes[keyEnd] !== quote || bytes[keyEnd + 1] !== colon) return at
      const textAt = index * expectedKeyBytes - at - 1
      for (let key = at + 1; key < keyEnd; key++) if (texts[textAt + key] !== bytes[key]) return at
      let valueEnd = keyEnd + 2
      if (bytes[valueEnd] === quote) {
        valueEnd++
        // No look at `end`: a newline, which ends the run, stands behind a line, and `undefined` behind the last byte.
        while (stopsString[bytes[valueEnd]!] === 0) valueEnd++
        if (valueEnd >= end) return at
        valueEnd = bytes[valueEnd] === quote ? valueEnd + 1 : endOfString(bytes, valueEnd, end)
      } else valueEnd = endOfValue(bytes, valueEnd, end)
      if (valueEnd < 0 || valueEnd >= end) return at
      const next = bytes[valueEnd]
      if (next !== comma && (next !== closeBrace || valueEnd + 1 !== end)) return at
      this.#add(at + 1, keyEnd, ids[index]!, keyEnd + 2, valueEnd)
      at = valueEnd + 1
      if (next === closeBrace) return wellEnded
    }
  }

  /** The member whose key's quote stands at `at`, however it is written; behind it and its space, or -1. */
  #member(at: number): number {
    const { bytes, end } = this
    if (bytes[at] !== quote) return -1
    const keyEnd = endOfString(bytes, at + 1, end) - 1
    if (keyEnd < 0) return -1
    const valueStart = behindColon(bytes, keyEnd + 1, end)
    if (valueStart < 0) return -1
    const valueEnd = endOfValue(bytes, valueStart, end)
    if (valueEnd < 0) return -1
    const id = this.#idOf(at + 1, keyEnd)
    this.#expected.expect(this.count, id, id < 0 ? undefined : this.keys.key(id).bytes)
    this.#add(at + 1, keyEnd, id, valueStart, valueEnd)
    return endOfSpace(bytes, valueEnd, end)
  }

  // oxlint-disable-next-line max-params -- runs for each member of each line
  #add(keyStart: number, keyEnd: number, id: number, valueStart: number, valueEnd: number): void {
    const place = this.count * fields
    if (place === this.#members.length) this.#grow()
    const members = this.#members
    members[place] = keyStart
    members[place + 1] = keyEnd
    members[place + 2] = id
    members[place + 3] = valueStart
    members[place + 4] = valueEnd
    this.count++
  }

  #idOf(from: number, to: number): number {
    const isPlain = !hasBackslash(this.bytes, from, to)
    return isPlain ? this.keys.idOf(this.bytes, from, to) : this.keys.idOfText(keyText(this.bytes, from, to))
  }

  #forget(): void {
    this.#expected.clear()
    this.#epoch = this.keys.epoch
  }

  #grow(): void {
    const larger = new Int32Array(this.#members.length * 2)
    larger.set(this.#members)
    this.#members = larger
  }
}

function hasBackslash(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === backslash) return true
  return false
}

function keyText(bytes: Buffer, from: number, to: number): string {
  const raw = bytes.toString('utf8', from, to)
  return raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw
}

function objectOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : {}
  } catch {
    // RangeError, for what is nested too deep for the engine: nothing inside of it is of interest to us.
    return {}
  }
}
