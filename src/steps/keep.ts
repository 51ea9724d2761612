import { z } from 'zod'
import { compileCondition } from './condition.ts'
import { conditionSchema } from './condition-schema.ts'
import { defineStep } from './step.ts'

export const keepStep = defineStep({
  type: 'keep',
  summary: 'Filters out the events for which the condition is not true.',
  schema: z.strictObject({ if: conditionSchema }),
  create({ if: text }, { trouble }) {
    const condition = compileCondition(text)
    return { apply: (event) => condition.isTrue(event, trouble) }
  },
})
