/**
 * Finds one member in a JSON object's bytes and hands out its value as it is written. `JSON.parse` would lose the
 * digits of large numbers (ids!) and cost an object for each event. The text must be valid JSON: lanes have parsed it.
 */

export interface Span {
  readonly from: number
  readonly to: number
}

/**
 * The value of the member spelled `name` at the top, else of the path `name` (a dot may stand between keys or inside
 * one: `a.b.c` finds `{"a.b":{"c":1}}`). Of members with the same name the last one counts, as with `JSON.parse`.
 */
export function findMember(json: Buffer, name: string): Span | undefined {
  const start = skipSpace(json, 0)
  return json[start] === 0x7b ? search(json, start, name) : undefined
}

function search(json: Buffer, objectAt: number, path: string): Span | undefined {
  let spelled: Span | undefined
  let nested: Span | undefined
  let at = skipSpace(json, objectAt + 1)
  while (json[at] === 0x22) {
    const keyEnd = skipString(json, at)
    const key = keyText(json, at, keyEnd)
    const valueAt = skipSpace(json, skipSpace(json, keyEnd) + 1)
    const valueEnd = skipValue(json, valueAt)
    if (key === path) spelled = { from: valueAt, to: valueEnd }
    else if (json[valueAt] === 0x7b && isParent(key, path)) {
      nested = search(json, valueAt, path.slice(key.length + 1)) ?? nested
    }
    at = skipSpace(json, valueEnd)
    if (json[at] !== 0x2c) break
    at = skipSpace(json, at + 1)
  }
  return spelled ?? nested
}

function isParent(key: string, path: string): boolean {
  return path.length > key.length && path[key.length] === '.' && path.startsWith(key)
}

/** The key between the quotes at `from` and before `to`, unescaped. */
function keyText(json: Buffer, from: number, to: number): string {
  const inner = json.toString('utf8', from + 1, to - 1)
  return inner.includes('\\') ? String(JSON.parse(`"${inner}"`)) : inner
}

function skipSpace(json: Buffer, from: number): number {
  let at = from
  while (at < json.length && json[at]! <= 0x20) at++
  return at
}

/** From an opening quote to behind the closing one. */
function skipString(json: Buffer, from: number): number {
  for (let at = from + 1; at < json.length; at++) {
    const byte = json[at]
    if (byte === 0x5c) at++
    else if (byte === 0x22) return at + 1
  }
  return json.length
}

function skipValue(json: Buffer, from: number): number {
  const first = json[from]
  if (first === 0x22) return skipString(json, from)
  if (first === 0x7b || first === 0x5b) return skipNested(json, from)
  let at = from
  while (at < json.length && !endsScalar(json[at]!)) at++
  return at
}

/** A comma, a closing brace or bracket, or space. */
function endsScalar(byte: number): boolean {
  return byte === 0x2c || byte === 0x7d || byte === 0x5d || byte <= 0x20
}

/** Counts braces and brackets alike: valid JSON closes them in order. */
function skipNested(json: Buffer, from: number): number {
  let depth = 0
  for (let at = from; at < json.length; at++) {
    const byte = json[at]
    if (byte === 0x22) at = skipString(json, at) - 1
    else if (byte === 0x7b || byte === 0x5b) depth++
    else if (byte === 0x7d || byte === 0x5d) {
      depth--
      if (depth === 0) return at + 1
    }
  }
  return json.length
}
