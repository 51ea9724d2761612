const quote = 0x22

/** Lines have few different keys; hostile ones have many and long ones, so what is remembered is bounded. */
const mostKeys = 4096
const longestKey = 256

/** A key that was met before. */
export interface KnownKey {
  readonly text: string
  /** As it stands between quotes; undefined where it can only stand there escaped. */
  readonly bytes: Uint8Array | undefined
}

/**
 * Taken for its own bytes, the key `a\\b` would be found in `"a\b"`, which is another one; and half a surrogate pair has
 * none of its own, but would get those of U+FFFD.
 */
// oxlint-disable-next-line no-control-regex
const needsEscapes = /["\\\u0000-\u001f]|\p{Surrogate}/u

/**
 * Keys by number, so that what a key means is worked out once and then looked up in an array. Lines of one file have the
 * same keys at the same places: one comparison of bytes finds both the key and its end.
 */
export class KeyTable {
  #keys: KnownKey[] = []
  /** By FNV-1a hash; the newest of those whose hashes meet. */
  #byHash = new Map<number, number>()
  #byText = new Map<string, number>()
  /** Raised whenever all numbers are given anew. */
  epoch = 0

  key(id: number): KnownKey {
    return this.#keys[id]!
  }

  /** Forgets all where there are too many. Only between lines: within one, a key keeps its number. */
  beginLine(): void {
    if (this.#keys.length < mostKeys) return
    this.#keys = []
    this.#byHash.clear()
    this.#byText.clear()
    this.epoch++
  }

  /** Where the closing quote of this key stands, if just its bytes stand at `from`; else -1. */
  // oxlint-disable-next-line max-params -- runs for each member of each line
  endOf(id: number, bytes: Uint8Array, from: number, end: number): number {
    const key = this.#keys[id]!.bytes
    if (key === undefined) return -1
    const keyEnd = from + key.length
    if (keyEnd >= end || bytes[keyEnd] !== quote) return -1
    for (let index = 0; index < key.length; index++) if (key[index] !== bytes[from + index]) return -1
    return keyEnd
  }

  /** The number of the key without escapes between `from` and the quote at `to`; -1 for one too long to be remembered. */
  idOf(bytes: Buffer, from: number, to: number): number {
    if (to - from > longestKey) return -1
    const hash = hashOf(bytes, from, to)
    const known = this.#byHash.get(hash)
    if (known !== undefined && this.endOf(known, bytes, from, to + 1) === to) return known
    const id = this.idOfText(bytes.toString('utf8', from, to))
    this.#byHash.set(hash, id)
    return id
  }

  /** The same for a key whose escapes were resolved. */
  idOfText(text: string): number {
    if (text.length > longestKey) return -1
    const known = this.#byText.get(text)
    if (known !== undefined) return known
    const id = this.#keys.length
    this.#keys.push({ text, bytes: needsEscapes.test(text) ? undefined : Buffer.from(text) })
    this.#byText.set(text, id)
    return id
  }
}

/** FNV-1a, 32 bits. Two keys may have the same: bytes decide. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5 | 0
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  return hash
}
