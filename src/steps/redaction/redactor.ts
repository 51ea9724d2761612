import { createHmac } from 'node:crypto'
import type { GuardedSearch } from '../../parsers/regex-guard.ts'
import { hides } from './hints.ts'
import { replacePlaces } from './places.ts'
import type { Places } from './places.ts'
import type { Preset } from './presets.ts'

export interface RedactorOptions {
  readonly presets: readonly Preset[]
  readonly patterns: readonly GuardedSearch[]
  /** What a secret becomes. */
  readonly replace: (secret: string) => string
  /** What stands for a value that no pattern could be tried on. */
  readonly mask: string
  readonly onTimeout: () => void
}

const mostKeys = 4096

/** Finds secrets in texts, and says what stands there instead. */
export class Redactor {
  readonly #options: RedactorOptions
  readonly #keys = new Map<string, boolean>()
  /** Whether anything is looked for; else whole values are meant. */
  readonly #searches: boolean

  #active: readonly Preset[]

  constructor(options: RedactorOptions) {
    this.#active = options.presets
    this.#options = options
    this.#searches = options.presets.length + options.patterns.length > 0
  }

  /**
   * Begins a line, of which `raw` is the text as it stands, escapes and all. False where nothing in it can be secret: one
   * look for each preset instead of one into each string (3 µs a line instead of 70).
   */
  begin(raw: string): boolean {
    const { presets, patterns } = this.#options
    const isHidden = hides.test(raw)
    this.#active = isHidden ? presets : presets.filter(({ hint }) => hint.test(raw))
    return !this.#searches || patterns.length + this.#active.length > 0
  }

  /** A member of that name is secret whatever it holds. */
  isSecretKey(key: string): boolean {
    if (!this.#searches) return true
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    const isSecret = this.#options.presets.some(({ keys }) => keys?.test(key.slice(0, 1000)) === true)
    if (this.#keys.size >= mostKeys) this.#keys.clear()
    if (key.length < 256) this.#keys.set(key, isSecret)
    return isSecret
  }

  whole(text: string): string {
    return this.#options.replace(text)
  }

  /** The text without its secrets, or undefined where it has none. */
  text(text: string): string | undefined {
    const { patterns, replace, mask, onTimeout } = this.#options
    const places: Places = []
    for (const { find } of this.#active) find(text, places)
    for (const pattern of patterns) {
      const found = pattern.places(text)
      if (found === 'timeout') {
        onTimeout()
        return mask
      }
      for (const place of found) places.push(place)
    }
    return places.length === 0 ? undefined : replacePlaces(text, places, replace)
  }

  /** A number as it is written. */
  isSecretNumber(digits: string): boolean {
    return this.#options.presets.some(({ isSecretNumber }) => isSecretNumber?.(digits) === true)
  }
}

/**
 * The same secret has the same hash, so that events can be brought together; nobody without the key can try out all
 * numbers of cards until one fits.
 */
export function hashWith(key: string): (secret: string) => string {
  return (secret) => `hash:${createHmac('sha256', key).update(secret).digest('hex').slice(0, 16)}`
}
