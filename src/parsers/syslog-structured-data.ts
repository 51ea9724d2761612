import { closingQuote } from './text-scan.ts'

export interface StructuredData {
  /** An object of objects, as JSON; undefined for `-`. */
  readonly json: string | undefined
  /** Where the message begins. */
  readonly end: number
}

/**
 * `[id name="value" …][id …]` of RFC 5424, or `-`; undefined where it is neither. Dots in names become `_`: Elasticsearch
 * would take them for paths, and two of them can stand in each other's way. A name that comes again makes a list.
 */
export function readStructuredData(text: string, from: number): StructuredData | undefined {
  if (text.charCodeAt(from) === 0x2d) return { json: undefined, end: from + 1 }
  const elements = new Map<string, Map<string, string[]>>()
  let at = from
  while (text.charCodeAt(at) === 0x5b) {
    at = readElement(text, at + 1, elements)
    if (at < 0) return undefined
  }
  return at === from ? undefined : { json: jsonOf(elements), end: at }
}

/** Behind the element's bracket, or -1. */
function readElement(text: string, from: number, elements: Map<string, Map<string, string[]>>): number {
  let at = from
  while (!endsName(text.charCodeAt(at))) at++
  const name = pathFree(text.slice(from, at))
  const element = elements.get(name) ?? new Map<string, string[]>()
  elements.set(name, element)
  while (text.charCodeAt(at) === 0x20) {
    at = readParameter(text, at + 1, element)
    if (at < 0) return -1
  }
  return name !== '' && text.charCodeAt(at) === 0x5d ? at + 1 : -1
}

function readParameter(text: string, from: number, element: Map<string, string[]>): number {
  let at = from
  while (!endsName(text.charCodeAt(at))) at++
  if (at === from || text.charCodeAt(at) !== 0x3d || text.charCodeAt(at + 1) !== 0x22) return -1
  const end = closingQuote(text, at + 1)
  if (end < 0) return -1
  const name = pathFree(text.slice(from, at))
  const value = text.slice(at + 2, end).replaceAll(/\\(["\\\]])/g, '$1')
  const values = element.get(name)
  if (values) values.push(value)
  else element.set(name, [value])
  return end + 1
}

/** Space, `=`, `]`, a quote, or the end of the text. */
const endsName = (code: number): boolean =>
  code === 0x20 || code === 0x3d || code === 0x5d || code === 0x22 || Number.isNaN(code)

const pathFree = (name: string): string => name.replaceAll('.', '_')

/** By hand: as keys of an object some names mean something else (`__proto__`), and digits would change their order. */
function jsonOf(elements: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>): string {
  const parts = [...elements].map(([name, element]) => {
    const members = [...element].map(
      ([key, values]) => `${JSON.stringify(key)}:${JSON.stringify(values.length === 1 ? values[0] : values)}`,
    )
    return `${JSON.stringify(name)}:{${members.join(',')}}`
  })
  return `{${parts.join(',')}}`
}
