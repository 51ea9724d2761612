import { limits } from '../../core/limits.ts'
import type { LetterSummary } from '../../delivery/letters/read-letters.ts'
import { adviceFor } from './advice.ts'
import { fieldNamed } from './field-named.ts'

/** Dead letters that are alike, as `dlq ls --json` prints them. */
export interface LetterGroup {
  readonly sink: string
  readonly source: string
  readonly reason: string
  /** The server's status, 0 where it gave none, and its name for the reason. */
  readonly status: number
  readonly type: string
  /** The field that the server names, '' for none. */
  readonly field: string
  letters: number
  /** RFC 3339. */
  first: string
  last: string
  /** The server's text for the last one. */
  text: string
  advice: string
}

/** Counts letters by what is alike, within bounds: beyond `limits.letterGroups` fields and types are no longer told apart. */
export class LetterGroups {
  readonly #groups = new Map<string, LetterGroup>()

  add(letter: LetterSummary): void {
    const { sink, source, reason, time, text } = letter
    const full = { status: letter.status, type: letter.type, field: fieldNamed(text) }
    const told = this.#groups.get(keyOf(letter, full))
    const what = told || this.#groups.size < limits.letterGroups ? full : { status: 0, type: '', field: '' }
    const key = keyOf(letter, what)
    const group = told ?? this.#groups.get(key)
    if (!group) {
      const advice = adviceFor({ reason, text, ...what })
      this.#groups.set(key, {
        sink,
        source,
        reason,
        ...what,
        letters: 1,
        first: time,
        last: time,
        text,
        advice,
      })
      return
    }
    group.letters += 1
    if (time < group.first) group.first = time
    if (time < group.last) return
    group.last = time
    group.text = text
    group.advice = adviceFor({ ...group, text })
  }

  /** Those with the most letters first. */
  list(): LetterGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.letters - a.letters)
  }
}

function keyOf(
  { sink, source, reason }: LetterSummary,
  { status, type, field }: Pick<LetterGroup, 'status' | 'type' | 'field'>,
): string {
  return [sink, source, reason, status, type, field].join('\0')
}
