import { z } from 'zod'
import { compileCondition } from './condition.ts'
import { conditionSchema } from './condition-schema.ts'
import { defineStep } from './step.ts'

export const routeStep = defineStep({
  type: 'route',
  summary:
    'Sends the events for which the condition is true to these sinks alone. The first route that takes an event decides; one that none takes goes to all sinks of its source.',
  schema: z.strictObject({
    if: conditionSchema,
    sinks: z.array(z.string()).min(1).meta({
      description: 'Names of sinks, of those that the source sends to.',
    }),
  }),
  create({ if: text, sinks }, { bitOf, trouble }) {
    const condition = compileCondition(text)
    const mask = sinks.reduce((bits, sink) => bits | (1 << bitOf(sink)), 0)
    return {
      apply(event) {
        if (!event.isRouted && condition.isTrue(event, trouble)) event.route(mask)
        return true
      },
    }
  },
})
