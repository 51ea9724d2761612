/** A value of an event as it stands there: text, or what is no string as its JSON text, digits and all. */
export type Found = { readonly text: string } | { readonly json: string }

/** Of a member's JSON text. */
export function foundOfJson(json: string): Found {
  if (!json.startsWith('"')) return { json }
  return { text: json.includes('\\') ? String(JSON.parse(json)) : json.slice(1, -1) }
}

/** As a template has it: undefined for nothing and null, JSON text for numbers, objects and lists. */
export function textOfFound(found: Found | undefined): string | undefined {
  if (found === undefined) return undefined
  if ('text' in found) return found.text
  return found.json === 'null' ? undefined : found.json
}

const longestList = (values: readonly unknown[], most: number): boolean => values.length <= most

/**
 * As a condition has it: whole numbers as bigint, so that ids of 19 digits differ where they differ; undefined for what
 * cannot be looked into: nested too deep, or a list of more than `mostItems`.
 */
export function valueOfFound(found: Found, mostItems: number): unknown {
  if ('text' in found) return found.text
  const { json } = found
  const first = json.charCodeAt(0)
  if (first === 0x2d || (first >= 0x30 && first <= 0x39)) return numberOf(json)
  if (json === 'true' || json === 'false') return json === 'true'
  if (json === 'null') return null
  try {
    const value: unknown = JSON.parse(json)
    return Array.isArray(value) && !longestList(value, mostItems) ? undefined : value
  } catch {
    return undefined
  }
}

const numberOf = (json: string): number | bigint => (/^-?\d{1,40}$/.test(json) ? BigInt(json) : Number(json))
