import { z } from 'zod'
import { compileCondition } from './condition.ts'
import { conditionSchema } from './condition-schema.ts'
import { simpleCondition } from './simple-condition.ts'
import { defineStep } from './step.ts'

export const keepStep = defineStep({
  type: 'keep',
  summary: 'Filters out the events for which the condition is not true.',
  schema: z.strictObject({ if: conditionSchema }),
  create({ if: text }, { trouble }) {
    const condition = compileCondition(text)
    return { apply: (event) => condition.isTrue(event, trouble) }
  },
  simple({ if: text }) {
    const condition = simpleCondition(text)
    return 'because' in condition ? condition : { kind: 'filter', condition, filtersWhen: false }
  },
})
