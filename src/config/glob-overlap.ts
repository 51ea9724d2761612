/**
 * Whether some path could match both globs. Never says no wrongly: what it does not understand (classes, extglobs)
 * counts as a wildcard, so a warning may come too often and never too seldom.
 */
export function globsOverlap(a: string, b: string): boolean {
  const others = expandBraces(b).map(toTokens)
  return expandBraces(a).some((one) => others.some((other) => meet(toTokens(one), other)))
}

/** A character that is matched as it is, or a wildcard: one character, a run within a folder, a run over folders. */
type Token = { readonly literal: string } | 'one' | 'run' | 'deepRun'

/** `{a,{b,c}}` into every combination; far too many of them count as one wildcard. */
function expandBraces(pattern: string, depth = 0): string[] {
  const open = pattern.indexOf('{')
  if (open < 0) return [pattern]
  const close = closing(pattern, open)
  if (close === undefined) return [pattern]
  const [head, inside, tail] = [
    pattern.slice(0, open),
    pattern.slice(open + 1, close),
    pattern.slice(close + 1),
  ]
  const parts = splitAtCommas(inside)
  if (depth > 4 || parts.length < 2) return expandBraces(`${head}**${tail}`, depth)
  return parts.flatMap((part) => expandBraces(head + part + tail, depth + 1))
}

function closing(pattern: string, open: number): number | undefined {
  let depth = 0
  for (let at = open; at < pattern.length; at++) {
    if (pattern[at] === '{') depth += 1
    if (pattern[at] === '}') depth -= 1
    if (depth === 0) return at
  }
  return undefined
}

function splitAtCommas(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (const character of text) {
    if (character === '{') depth += 1
    if (character === '}') depth -= 1
    if (character === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts
}

function toTokens(pattern: string): Token[] {
  const tokens: Token[] = []
  // `**/` may also stand for nothing, so its slash belongs to it; at the end that of `/**`.
  const parts = pattern.match(/(?:\/\*\*)+$|\*\*\/?|[@?!+*]\([^)]*\)|\*|\?|\[[^\]]*\]|\\.|./gsu) ?? []
  for (const part of parts) {
    if (part.includes('**') || part.endsWith(')')) tokens.push('deepRun')
    else if (part === '*') tokens.push('run')
    else if (part === '?' || (part.startsWith('[') && part.length > 1)) tokens.push('one')
    else tokens.push({ literal: part.length === 2 && part.startsWith('\\') ? part[1]! : part })
  }
  return tokens
}

/** The classic intersection of two patterns: a table over (how far in a, how far in b). */
function meet(a: readonly Token[], b: readonly Token[]): boolean {
  const seen = new Set<number>()
  const open: [number, number][] = [[0, 0]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [i, j] = next
    if (i === a.length && j === b.length) return true
    const key = i * (b.length + 1) + j
    if (seen.has(key)) continue
    seen.add(key)
    const [x, y] = [a[i], b[j]]
    if (isRun(x)) open.push([i + 1, j])
    if (isRun(y)) open.push([i, j + 1])
    if (x !== undefined && y !== undefined && shareCharacter(x, y)) {
      open.push([isRun(x) ? i : i + 1, isRun(y) ? j : j + 1])
    }
  }
  return false
}

const isRun = (token: Token | undefined): boolean => token === 'run' || token === 'deepRun'

function shareCharacter(x: Token, y: Token): boolean {
  if (typeof x === 'object' && typeof y === 'object') return x.literal === y.literal
  if (typeof x === 'object') return y === 'deepRun' || x.literal !== '/'
  if (typeof y === 'object') return x === 'deepRun' || y.literal !== '/'
  return true
}
