import { z } from 'zod'
import { limits } from '../core/limits.ts'
import { stepDefinitions } from './registry.ts'

/** One step: an object whose only key is the step's type. */
export type StepConfig = Readonly<Record<string, unknown>>

const types = stepDefinitions.map(({ type }) => type)
const listed = types.map((type) => `"${type}"`).join(', ')

const shape: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  stepDefinitions.map(({ type, schema, summary }) => [
    type,
    schema.optional().meta({ description: summary }),
  ]),
)

const step = z
  .strictObject(shape, {
    error: (issue) =>
      issue.code === 'invalid_type'
        ? 'expected an object with one key, such as { "drop": { "if": "…" } }'
        : undefined,
  })
  .superRefine((value, context) => {
    const keys = Object.keys(value)
    if (keys.length === 1) return
    const message =
      keys.length === 0
        ? `a step has one key: ${listed}`
        : `a step has one key, this one has ${keys.length}: write { … }, { … }, in the order in which they shall run`
    context.addIssue({ code: 'custom', message })
  })

/** A list of steps, `description` says whose. */
export const stepsSchema = (description: string): z.ZodType<readonly StepConfig[]> =>
  z.array(step).max(limits.steps).default([]).meta({ description })
