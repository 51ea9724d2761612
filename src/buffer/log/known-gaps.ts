/** Sequences from `from` to before `to`. */
export interface SequenceRange {
  readonly from: number
  readonly to: number
}

/** What a cursor met: in the segments from `first` to `last` it was not given the records that are missing. */
export interface Damage {
  readonly first: number
  readonly last: number
  readonly missing: SequenceRange
}

/** More than this are forgotten, and looked for again when they are met. */
const maxGaps = 4096

/** Segments that were searched for damage, and the sequences that no record was found of: other cursors meet the same. */
export class KnownGaps {
  readonly #segments = new Set<number>()
  #gaps: SequenceRange[] = []

  has({ first, last, missing }: Damage): boolean {
    if (!this.#segments.has(first) || !this.#segments.has(last)) return false
    return this.#gaps.some(({ from, to }) => from <= missing.from && missing.to <= to)
  }

  add(segments: Iterable<number>, gaps: readonly SequenceRange[]): void {
    for (const number of segments) this.#segments.add(number)
    if (this.#gaps.length + gaps.length > maxGaps) this.#gaps = []
    this.#gaps.push(...gaps)
  }
}
