/** What `JSON.parse` makes of an object. Look members up with `memberOf`: names like `constructor` are inherited. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The object that `text` is, or undefined: arrays and scalars are text, and so is what isn't valid. */
export function parseJsonObject(text: string): JsonObject | undefined {
  // Errors cost microseconds; most lines that are no object show it at their ends.
  if (!mayBeObject(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    // SyntaxError, or RangeError for what is nested too deep for the engine: both are text.
    return undefined
  }
}

function mayBeObject(text: string): boolean {
  let first = 0
  while (isJsonSpace(text.charCodeAt(first))) first++
  let last = text.length - 1
  while (last > first && isJsonSpace(text.charCodeAt(last))) last--
  return text.charCodeAt(first) === 0x7b && text.charCodeAt(last) === 0x7d
}

const isJsonSpace = (code: number): boolean =>
  code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An own member, never an inherited one. */
export function memberOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** The member spelled `path`, else the value at that path; undefined where there is none. */
export function valueAt(object: JsonObject, path: string): unknown {
  if (Object.hasOwn(object, path)) return object[path]
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const child = memberOf(object, path.slice(0, dot))
    const value = isJsonObject(child) ? valueAt(child, path.slice(dot + 1)) : undefined
    if (value !== undefined) return value
  }
  return undefined
}
