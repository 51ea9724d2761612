import { closingQuote } from './text-scan.ts'

export interface LogfmtPairs {
  /** By key; of a key that comes again the last value. `true` for a word without `=`. */
  readonly values: ReadonlyMap<string, string | true>
  /** How many had a `=`, and how many had none. */
  readonly pairs: number
  readonly words: number
}

/** `key=value key="va\"lue" word`; undefined where a quote stands where none can, or a value has no key. */
export function readLogfmt(text: string): LogfmtPairs | undefined {
  const values = new Map<string, string | true>()
  let [pairs, words, at] = [0, 0, 0]
  for (;;) {
    while (text.charCodeAt(at) <= 0x20) at++
    if (at >= text.length) return { values, pairs, words }
    const keyEnd = endOfKey(text, at)
    if (keyEnd === at || text.charCodeAt(keyEnd) === 0x22) return undefined
    const key = text.slice(at, keyEnd)
    if (text.charCodeAt(keyEnd) === 0x3d) {
      const value = valueAt(text, keyEnd + 1)
      if (!value) return undefined
      values.set(key, value.text)
      pairs++
      at = value.end
    } else {
      values.set(key, true)
      words++
      at = keyEnd
    }
  }
}

function endOfKey(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code <= 0x20 || code === 0x3d || code === 0x22) break
  }
  return at
}

/** Quoted, or all up to the next blank; a quote within such a value is part of it. */
function valueAt(text: string, from: number): { text: string; end: number } | undefined {
  if (text.charCodeAt(from) !== 0x22) {
    let end = from
    while (text.charCodeAt(end) > 0x20) end++
    return { text: text.slice(from, end), end }
  }
  const end = closingQuote(text, from)
  if (end < 0 || text.charCodeAt(end + 1) > 0x20) return undefined
  return { text: unescaped(text.slice(from + 1, end)), end: end + 1 }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

/** As Go's `strconv.Quote` writes; an escape that it does not know stands for itself. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replaceAll(/\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2})|(.))/gs, (whole, wide, narrow, letter) => {
    const hex: unknown = wide ?? narrow
    if (typeof hex === 'string') return String.fromCharCode(parseInt(hex, 16))
    const name = String(letter)
    if (name === '"' || name === '\\' || name === '/') return name
    return Object.hasOwn(escapes, name) ? escapes[name]! : whole
  })
}
