/** The candidate that somebody probably meant, or undefined where none is near enough. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(word)
  let best: string | undefined
  // A third of the word may be wrong: `nodez` and `max_byte` are typing errors, `foo` for `url` is another word.
  let bestDistance = Math.floor(Math.max(wanted.length, 3) / 3) + 1
  for (const candidate of candidates) {
    const distance = editDistance(wanted, fold(candidate))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best ?? longer(wanted, candidates)
}

/** `elastic` means `elasticsearch`: the only one that goes on from there. */
function longer(wanted: string, candidates: Iterable<string>): string | undefined {
  const found = wanted.length < 3 ? [] : [...candidates].filter((one) => fold(one).startsWith(wanted))
  return found.length === 1 ? found[0] : undefined
}

/** `maxBytes`, `max-bytes` and `MAX_BYTES` all mean `max_bytes`. */
function fold(word: string): string {
  // Keys are short; a hostile one of a megabyte must not cost a quadratic search.
  return word
    .slice(0, 64)
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase()
}

/** Insertions, deletions, replacements, and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        last[j]! + 1,
        row[j - 1]! + 1,
        last[j - 1]! + (isSame ? 0 : 1),
        isSwap ? beforeLast[j - 2]! + 1 : Infinity,
      )
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
