import { z } from 'zod'

/** A key of the contract that this version knows and cannot do: an error that says so, unlike one for a typing error. */
export function notBuiltKey(name: string, description: string) {
  return z
    .unknown()
    .superRefine((value, context) => {
      const isOff =
        value === undefined ||
        value === null ||
        value === false ||
        (Array.isArray(value) && value.length === 0)
      if (!isOff) context.addIssue({ code: 'custom', message: `"${name}" is not built yet` })
    })
    .optional()
    .meta({ description: `${description} Not built yet.` })
}

/** Types of the contract that later versions bring. */
export const laterTypes = {
  source: ['journald', 'syslog', 'http'],
  sink: [],
} as const satisfies Record<string, readonly string[]>
