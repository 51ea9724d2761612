import { z } from 'zod'
import { fieldName } from './field-names.ts'
import { defineStep } from './step.ts'

export const removeStep = defineStep({
  type: 'remove',
  summary: 'Takes members out of the event, by name or path. The other bytes of the line stay as they are.',
  schema: z.array(fieldName).min(1).meta({ description: 'Names of members, or paths with dots.' }),
  create(names) {
    const { inner, outer } = nested(names)
    return {
      apply(event) {
        for (const name of inner) event.remove([name])
        event.remove(outer)
        return true
      },
    }
  },
  simple(names) {
    const { inner, outer } = nested(names)
    return { kind: 'remove', names: [...inner, ...outer] }
  },
})

/** A name within another one may still be spelled as a whole: `a` and `"a.b"`. It goes first. */
function nested(names: readonly string[]): { inner: readonly string[]; outer: readonly string[] } {
  const outer = names.filter((name) => !names.some((other) => name.startsWith(`${other}.`)))
  return { inner: names.filter((name) => !outer.includes(name)), outer }
}
