/**
 * What callers pass as fields, made fit for a log line: every string redacted and bounded, errors taken apart, depth and
 * width bounded, so that neither a huge answer nor a circular object of a client library can hurt the agent.
 */
const maxStringChars = 4096
const maxDepth = 4
const maxItems = 50

/** pino writes these itself; a field of the same name would stand in the line twice. */
const reservedNames = new Set(['time', 'level', 'msg'])

type Redact = (text: string) => string

export function cleanFields(fields: object, redact: Redact): Record<string, unknown> {
  const clean = cleanObject(fields instanceof Error ? { error: fields } : fields, redact, 0)
  for (const name of Object.keys(clean)) {
    if (!reservedNames.has(name)) continue
    clean[`${name}_`] = clean[name]
    delete clean[name]
  }
  return clean
}

function cleanValue(value: unknown, redact: Redact, depth: number): unknown {
  if (typeof value === 'string') return cleanString(value, redact)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (depth >= maxDepth) return '[…]'
  if (value instanceof Error) return cleanError(value, redact, depth)
  if (value instanceof Date || value instanceof URL) return cleanString(JSON.stringify(value), redact)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof Map) return cleanObject(Object.fromEntries(value), redact, depth + 1)
  if (value instanceof Set || Array.isArray(value)) return cleanList([...value], redact, depth + 1)
  return cleanObject(value, redact, depth + 1)
}

function cleanString(text: string, redact: Redact): string {
  // Redacted before it is cut: the first half of a secret is a secret too.
  const clean = redact(text)
  return clean.length <= maxStringChars
    ? clean
    : `${clean.slice(0, maxStringChars)}… (${clean.length} characters)`
}

function cleanList(items: readonly unknown[], redact: Redact, depth: number): unknown[] {
  const clean = items.slice(0, maxItems).map((item) => cleanValue(item, redact, depth))
  if (items.length > maxItems) clean.push(`… ${items.length - maxItems} more`)
  return clean
}

function cleanObject(value: object, redact: Redact, depth: number): Record<string, unknown> {
  // Without a prototype, `__proto__` is a member like any other.
  const clean: Record<string, unknown> = Object.create(null)
  for (const [name, member] of Object.entries(value).slice(0, maxItems)) {
    clean[redact(name)] = cleanValue(member, redact, depth)
  }
  return clean
}

function cleanError(error: Error, redact: Redact, depth: number): Record<string, unknown> {
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const cause = error.cause === undefined ? {} : { cause: cleanValue(error.cause, redact, depth + 1) }
  return {
    type: error.name,
    message: cleanString(error.message, redact),
    ...code,
    stack: cleanString(error.stack ?? '', redact),
    ...cause,
  }
}
