import { z } from 'zod'
import { fieldName } from './field-names.ts'
import { defineStep } from './step.ts'

export const removeStep = defineStep({
  type: 'remove',
  summary: 'Takes members out of the event, by name or path. The other bytes of the line stay as they are.',
  schema: z.array(fieldName).min(1).meta({ description: 'Names of members, or paths with dots.' }),
  create(names) {
    const outer = names.filter((name) => !names.some((other) => name.startsWith(`${other}.`)))
    const inner = names.filter((name) => !outer.includes(name))
    return {
      apply(event) {
        // A name within another one may still be spelled as a whole: `a` and `"a.b"`.
        for (const name of inner) event.remove([name])
        event.remove(outer)
        return true
      },
    }
  },
})
