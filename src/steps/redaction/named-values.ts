import type { Finder } from './places.ts'

/** What stands behind a name: `password=…`, `"password": "…"`, `password: …`, in a URL, in JSON within JSON. */

/** Between a name and its value. */
const separator = /["'\\]{0,8}\s{0,8}[=:]>?\s{0,8}/y
const nextName = /,\s*[\w.-]{1,64}\s{0,8}[=:]/y
const opening = /\\*["']/y

interface NamedOptions {
  /** Shorter values are words: `unexpected token: }`. */
  readonly fewestCharacters?: number
  /** Where a value without quotes begins and ends that is more than one word. */
  readonly unquoted?: (text: string, from: number) => readonly [number, number]
}

/** `names` is a pattern with flags g and i that ends where the name does. */
export function namedValueFinder(names: RegExp, options: NamedOptions = {}): Finder {
  const { fewestCharacters = 1, unquoted = word } = options
  return (text, places) => {
    // What stands within a value is gone with it; looked at again, `token=token=…` would take quadratic time.
    let until = 0
    for (const name of text.matchAll(names)) {
      if (name.index < until) continue
      separator.lastIndex = name.index + name[0].length
      if (!separator.test(text)) continue
      const [start, end] = valueAt(text, separator.lastIndex, unquoted)
      until = end
      if (end > start && end - start >= fewestCharacters) places.push(start, end)
    }
  }
}

function valueAt(
  text: string,
  from: number,
  unquoted: NonNullable<NamedOptions['unquoted']>,
): readonly [number, number] {
  opening.lastIndex = from
  const quote = opening.exec(text)?.[0]
  if (quote === undefined) return unquoted(text, from)
  const start = from + quote.length
  return [start, endOfQuoted(text, start, quote)]
}

/** Where the closing quote stands, of a JSON string within others too (`\"`); the end of a text that has none. */
function endOfQuoted(text: string, from: number, quote: string): number {
  if (quote.length === 1) {
    for (let at = from; at < text.length; at++) {
      if (text[at] === '\\') at++
      else if (text[at] === quote) return at
    }
    return text.length
  }
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 1)) {
    if (text[at - 1] !== '\\') return at
  }
  return text.length
}

const inWord = /[^\s&;"'<>)\]},]+/y
const closing = /[)\]},]+/y

/** Up to a space or what parts values. A bracket or comma in the middle is part of the value: too much is safe. */
function word(text: string, from: number): readonly [number, number] {
  let at = from
  while (at < text.length) {
    inWord.lastIndex = at
    if (inWord.test(text)) at = inWord.lastIndex
    closing.lastIndex = at
    if (!closing.test(text)) break
    const behind = closing.lastIndex
    if (behind === text.length || /[\s;"']/.test(text[behind]!)) break
    const comma = commaBeforeName(text, at, behind)
    if (comma >= 0) return [from, comma]
    at = behind
  }
  return [from, at]
}

function commaBeforeName(text: string, from: number, to: number): number {
  for (let at = text.indexOf(',', from); at >= 0 && at < to; at = text.indexOf(',', at + 1)) {
    nextName.lastIndex = at
    if (nextName.test(text)) return at
  }
  return -1
}
