import { createHash } from 'node:crypto'
import type { SinkState } from '../sink.ts'

const stateKey = 'index_values'
const hashChars = 8
/** A cursor's state may hold 64 KiB in all; 30 days of 100 values take 24. */
const keptDays = 30

/**
 * Which values of `{field}` have an index of their own, day by day. A line may hold anything, and each index costs the
 * cluster a shard: beyond the limit values share the overflow index. What was admitted is on disk before its first use,
 * or a resend after a crash could find the places taken by others, go to the overflow and be there twice.
 */
export class IndexValues {
  readonly #state: SinkState
  readonly #limit: number
  readonly #days: Map<number, Set<string>>
  #unsaved = 0
  #saved = 0
  #saving: Promise<void> = Promise.resolve()

  constructor(state: SinkState, limit: number) {
    this.#state = state
    this.#limit = limit
    this.#days = decode(state.get(stateKey))
  }

  /** True if the value has or gets an index of its own on that day (days since 1970, of the event's time). */
  admit(day: number, value: string): boolean {
    const hash = hashOf(value)
    const known = this.#days.get(day)
    if (known?.has(hash)) return true
    if (known && known.size >= this.#limit) return false
    if (known) known.add(hash)
    else this.#begin(day, hash)
    this.#unsaved++
    return true
  }

  /** As `admit`, but nothing is taken: for previews. */
  wouldAdmit(day: number, value: string): boolean {
    const known = this.#days.get(day)
    return known === undefined || known.has(hashOf(value)) || known.size < this.#limit
  }

  /** Resolves once all that was admitted so far is on disk. Rejects where it cannot be written; ask again then. */
  async saved(): Promise<void> {
    // Another call may have begun to save before the newest values came.
    while (this.#saved < this.#unsaved) {
      const upTo = this.#unsaved
      const saving = this.#saving
        .catch(() => {})
        .then(() => (this.#saved < upTo ? this.#state.set(stateKey, encode(this.#days)) : undefined))
      this.#saving = saving
      await saving
      this.#saved = Math.max(this.#saved, upTo)
    }
  }

  #begin(day: number, hash: string): void {
    this.#days.set(day, new Set([hash]))
    if (this.#days.size <= keptDays) return
    // The oldest day leaves. Should events of it still come, its values are counted anew.
    this.#days.delete(Math.min(...this.#days.keys()))
  }
}

function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('base64url').slice(0, hashChars)
}

function encode(days: ReadonlyMap<number, ReadonlySet<string>>): Record<string, string> {
  return Object.fromEntries([...days].map(([day, hashes]) => [String(day), [...hashes].join('')]))
}

/** What cannot be read counts as nothing: the worst is an index more. */
function decode(value: unknown): Map<number, Set<string>> {
  const days = new Map<number, Set<string>>()
  if (typeof value !== 'object' || value === null) return days
  for (const [day, hashes] of Object.entries(value)) {
    if (typeof hashes !== 'string' || !/^\d+$/.test(day)) continue
    days.set(Number(day), new Set(hashes.match(new RegExp(`.{${hashChars}}`, 'gs')) ?? []))
  }
  return days
}
