import { z } from 'zod'

/** Building blocks that the schemas of several components share. Values come out in bytes and milliseconds. */

/** Maps, not objects: "5constructor" is no quantity. */
type Units = ReadonlyMap<string, number>

const byteUnits: Units = new Map([
  ['B', 1],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
  ['TiB', 1024 ** 4],
])
const durationUnits: Units = new Map([
  ['ms', 1],
  ['s', 1e3],
  ['m', 60e3],
  ['h', 3600e3],
  ['d', 86400e3],
])

/** Parses `"5MiB"`, `"300KB"` or a plain number of bytes; undefined for anything else. */
export function parseBytes(value: string | number): number | undefined {
  return parseWithUnits(value, byteUnits)
}

/** Parses `"500ms"`, `"5s"`, `"1m"`, `"2h"`, `"7d"` or a plain number of milliseconds; undefined for anything else. */
export function parseDuration(value: string | number): number | undefined {
  return parseWithUnits(value, durationUnits)
}

function parseWithUnits(value: string | number, units: Units): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(value.trim())
  const unit = match ? units.get(match[2]!) : undefined
  return unit === undefined ? undefined : Math.round(Number(match![1]) * unit)
}

interface Range {
  readonly min?: number
  readonly max?: number
}

/** A size: `"5MiB"`, or bytes. */
export function size(defaultText: string, description: string, range: Range = {}) {
  return quantity(parseBytes, 'a size such as "5MiB", or bytes', range, withUnits(byteUnits))
    .default(parseBytes(defaultText)!)
    .meta({ description, default: defaultText })
}

/** A duration: `"500ms"`, `"5s"`, `"1m"`, `"7d"`. */
export function duration(defaultText: string, description: string, range: Range = {}) {
  return quantity(parseDuration, 'a duration such as "500ms", "5s", "1m" or "7d"', range)
    .default(parseDuration(defaultText)!)
    .meta({ description, default: defaultText })
}

/** In the largest unit that divides it: `4MiB`, `500ms`. */
const withUnits =
  (units: Units) =>
  (value: number): string => {
    if (value === 0) return '0'
    const [name, unit] = [...units]
      .filter(([, each]) => value % each === 0)
      .toSorted((a, b) => b[1] - a[1])[0] ?? ['', 1]
    return `${value / unit}${name}`
  }

function outOf({ min = 0, max = Infinity }: Range, show: (value: number) => string): string {
  if (max === Infinity) return `must be at least ${show(min)}`
  return `must be between ${show(min)} and ${show(max)}`
}

export function quantity(
  parse: (value: string | number) => number | undefined,
  expected: string,
  range: Range,
  show = withUnits(durationUnits),
) {
  return z
    .union([z.string(), z.number()], { error: () => `expected ${expected}` })
    .transform((value, context) => {
      const parsed = parse(value)
      if (parsed === undefined) {
        context.addIssue({ code: 'custom', message: `expected ${expected}` })
        return z.NEVER
      }
      if (parsed < (range.min ?? 0) || parsed > (range.max ?? Infinity)) {
        context.addIssue({
          code: 'custom',
          message: outOf(range, show),
        })
        return z.NEVER
      }
      return parsed
    })
}

export const tlsFields = z.strictObject({
  ca_file: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'PEM file with the certificate authorities to trust, instead of those that Node brings along. All files of tls are read again when they change.',
    ),
  cert_file: z.string().nullable().default(null).describe('PEM file with the client certificate.'),
  key_file: z
    .string()
    .nullable()
    .default(null)
    .describe('PEM file with the key of the client certificate, not encrypted.'),
  verify: z
    .boolean()
    .default(true)
    .describe('Verify the server certificate and its host name. Turning this off is logged at every start.'),
})
export type TlsConfig = z.infer<typeof tlsFields>

export const batchFields = (maxBytes: string) =>
  z
    .strictObject({
      max_bytes: size(maxBytes, 'Send at the latest when a request is this large, before compression.', {
        min: 1024,
        max: 64 * 1024 ** 2,
      }),
      max_events: z
        .int()
        .min(1)
        .max(100_000)
        .default(5000)
        .describe('Send at the latest with this many events.'),
      max_wait: duration('1s', 'Send at the latest when the oldest event has waited this long.', {
        max: 3600e3,
      }),
    })
    .prefault({})

/** The keys that every sink over the network has, beside its own. `maxBytes` and `timeout` are the defaults. */
export const networkSinkFields = (defaults: { maxBytes: string; timeout: string }) => ({
  tls: tlsFields.prefault({}).describe('TLS settings.'),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe('Further request headers. Their values are secrets.'),
  proxy: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'URL of an HTTP proxy, with user and password where it wants them. https goes through a tunnel (CONNECT).',
    ),
  batch: batchFields(defaults.maxBytes).describe('When a batch is sent.'),
  ...deliveryFields(defaults.timeout),
})

/** The keys by which `delivery/` treats a sink; every sink has them. */
export const deliveryFields = (timeout: string) => ({
  retry: z
    .strictObject({
      min: duration('500ms', 'Ceiling of the first backoff; the wait is drawn between 0 and the ceiling.', {
        min: 1,
      }),
      max: duration('30s', 'Ceiling that doubling ends at.', { min: 1 }),
    })
    .prefault({})
    .describe('Backoff between tries. Tries are not limited.'),
  timeout: duration(timeout, 'How long a request may take in all.', { min: 1 }),
  max_in_flight: z
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('The most requests in flight; it adapts below that.'),
  when_full: z
    .enum(['block', 'drop_oldest'])
    .default('block')
    .describe("When this sink's lag fills the buffer: stop reading, or drop its oldest events."),
})

/** What delivery needs to know of any sink's config. */
export interface DeliveryConfig {
  readonly retry: { readonly min: number; readonly max: number }
  readonly timeout: number
  readonly max_in_flight: number
  readonly when_full: 'block' | 'drop_oldest'
}
