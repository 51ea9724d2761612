import type { Path } from './finding.ts'

/** Plain values as JSON gives them. */

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What stands at the path, or undefined. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const segment of path) {
    if (Array.isArray(value)) value = value[Number(segment)]
    else if (isObject(value) && Object.hasOwn(value, segment)) value = value[segment]
    else return undefined
  }
  return value
}

/** A copy with another value at the path; a path that does not exist changes nothing. */
export function withValueAt(root: unknown, path: Path, value: unknown): unknown {
  const [first, ...rest] = path
  if (first === undefined) return value
  if (Array.isArray(root))
    return root.map((item, index) => (index === first ? withValueAt(item, rest, value) : item))
  if (!isObject(root) || !Object.hasOwn(root, first)) return root
  return { ...root, [first]: withValueAt(root[first], rest, value) }
}

export function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]))
}

export const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
