import type { Finder, Places } from './places.ts'

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
    for (const name of text.matchAll(names)) {
      separator.lastIndex = name.index + name[0].length
      if (!separator.test(text)) continue
      const [start, end] = valueAt(text, separator.lastIndex, unquoted)
      if (end - start >= fewestCharacters) addOnce(places, start, end)
    }
  }
}

function addOnce(places: Places, start: number, end: number): void {
  if (end > start) places.push(start, end)
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

/** Up to a space or what parts values. A bracket or comma in the middle is part of the value: too much is safe. */
function word(text: string, from: number): readonly [number, number] {
  for (let at = from; at < text.length; at++) {
    const char = text[at]!
    if (/[\s&;"'<>]/.test(char)) return [from, at]
    if (/[)\]},]/.test(char) && (at + 1 === text.length || /[\s)\]},;"']/.test(text[at + 1]!)))
      return [from, at]
    nextName.lastIndex = at
    if (char === ',' && nextName.test(text)) return [from, at]
  }
  return [from, text.length]
}
