/**
 * `[0-9a-f]{32}` as 32 classes in a row, which means the same. V8's linear engine refuses repetitions of more than 16, and
 * trace ids and UUIDs are just what patterns for logs have. Only exact repetitions of one character are touched.
 */
export function unrollRepeats(source: string): string {
  let unrolled = ''
  let at = 0
  while (at < source.length) {
    const atomEnd = endOfAtom(source, at)
    const atom = source.slice(at, atomEnd)
    const repeat = isCharacter(atom) ? /^\{(\d{1,3})\}(?![?])/.exec(source.slice(atomEnd, atomEnd + 6)) : null
    const count = Number(repeat?.[1] ?? 0)
    const isLong = repeat !== null && count > coveredRepeats && count <= longestRepeats
    unrolled += isLong ? atom.repeat(count) : atom + (repeat?.[0] ?? '')
    at = atomEnd + (repeat?.[0].length ?? 0)
  }
  return unrolled
}

/** Up to here V8's engine takes them itself. */
const coveredRepeats = 16
const longestRepeats = 128

/** An escape, a class, or a character. */
function endOfAtom(source: string, at: number): number {
  if (source[at] === '\\') return at + escape.exec(source.slice(at, at + 200))![0].length
  if (source[at] !== '[') return at + 1
  for (let end = at + 1; end < source.length; end++) {
    if (source[end] === '\\') end++
    else if (source[end] === ']') return end + 1
  }
  return source.length
}

const escape = /^\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|c[A-Za-z]|k<[^>]*>|\d+|[\s\S]?)/

/** A class, an escaped class or sign, or a plain character: neither a bracket nor what stands for another escape. */
const isCharacter = (atom: string): boolean =>
  /^(\[.*\]|\\[dDwWsS.\-/]|[A-Za-z0-9 _.,:;=@#%&/-])$/s.test(atom)
