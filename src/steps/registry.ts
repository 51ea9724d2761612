import { addStep } from './add.ts'
import { dropStep } from './drop.ts'
import { keepStep } from './keep.ts'
import { parseStep } from './parse.ts'
import { redactStep } from './redact.ts'
import { removeStep } from './remove.ts'
import { renameStep } from './rename.ts'
import { routeStep } from './route.ts'
import type { StepDefinition } from './step.ts'

/** Every step, one line each. */
export const stepDefinitions = [
  dropStep,
  keepStep,
  addStep,
  renameStep,
  removeStep,
  redactStep,
  parseStep,
  routeStep,
] as const

export function stepDefinition(type: string): StepDefinition | undefined {
  return stepDefinitions.find((definition) => definition.type === type)
}
