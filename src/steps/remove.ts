import { z } from 'zod'
import { fieldName } from './field-names.ts'
import { defineStep } from './step.ts'

export const removeStep = defineStep({
  type: 'remove',
  summary: 'Takes members out of the event, by name or path. The other bytes of the line stay as they are.',
  schema: z.array(fieldName).min(1).meta({ description: 'Names of members, or paths with dots.' }),
  create(names) {
    return {
      apply(event) {
        for (const name of names) event.remove(name)
        return true
      },
    }
  },
})
