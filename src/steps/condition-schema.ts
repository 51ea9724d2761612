import { z } from 'zod'
import { conditionProblem } from './condition.ts'

/** A condition in the config: CEL over the event. */
export const conditionSchema = z
  .string()
  .superRefine((text, context) => {
    const problem = conditionProblem(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
  .meta({
    description:
      'A condition in CEL over the event: `level == "error" && status >= 500`. A missing field is false, dotted keys are paths.',
  })
