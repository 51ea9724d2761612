import { parseDuration } from '../../../../components/fields.ts'

/** The plain members of `limits_config`. */
export interface LokiLimits {
  readonly size: number
  get(name: string): string | undefined
  number(name: string): number | undefined
  /** Loki counts in powers of two, whatever it writes: `256KB`. */
  bytes(name: string): number | undefined
  /** In ms: `1w`, `7d`, `168h0m0s`. */
  duration(name: string): number | undefined
}

const units: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

/** The text of `GET /config`. No YAML is read but one level of one section, as Loki itself prints it. */
export function parseLimits(text: string): LokiLimits {
  const values = new Map<string, string>()
  let isInside = false
  for (const line of text.split('\n')) {
    if (/^\S/.test(line)) isInside = line.startsWith('limits_config:')
    const [, name, value = ''] = /^ {2}([a-z_]+): *(.*)$/.exec(line) ?? []
    if (isInside && name !== undefined) values.set(name, value.replace(/^(["'])(.*)\1$/, '$2'))
  }
  const get = (name: string): string | undefined => values.get(name)
  return {
    size: values.size,
    get,
    number(name) {
      const value = get(name)
      return value === undefined || value === '' || Number.isNaN(Number(value)) ? undefined : Number(value)
    },
    bytes(name) {
      const [, number, unit = ''] = /^([\d.]+)\s*([a-z]*?)i?b?$/i.exec(get(name) ?? '') ?? []
      const factor = units[unit === '' ? '' : `${unit.toLowerCase()}b`]
      return number === undefined || factor === undefined ? undefined : Number(number) * factor
    },
    duration(name) {
      const parts = [...(get(name) ?? '').matchAll(/([\d.]+)(ms|[wdhms])/g)]
      if (parts.length === 0) return undefined
      return parts.reduce(
        (sum, [, number, unit]) =>
          sum + (unit === 'w' ? Number(number) * 7 * 86_400e3 : parseDuration(`${number}${unit}`)!),
        0,
      )
    },
  }
}
