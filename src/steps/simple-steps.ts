import { limits } from '../core/limits.ts'
import { stepDefinition } from './registry.ts'
import type { StepConfig } from './schema.ts'
import type { ConditionTree, NotSimple } from './simple-condition.ts'
import type { SimpleStep } from './step.ts'

/**
 * The steps of a source in parts that can be run on the bytes of a line, or the first one that cannot be and why. `own` and
 * `all` as for `createSteps`.
 */
export function simpleSteps(
  own: readonly StepConfig[],
  all: readonly StepConfig[],
): readonly SimpleStep[] | NotSimple {
  const simple: SimpleStep[] = []
  const names: string[] = []
  for (const [index, config] of [...own, ...all].entries()) {
    const place = index < own.length ? `steps[${index}]` : `steps[${index - own.length}] of all sources`
    const [type, settings] = Object.entries(config)[0]!
    const definition = stepDefinition(type)
    const step = definition?.simple?.(definition.schema.parse(settings)) ?? { because: '' }
    const problem = 'because' in step ? step.because : boundsProblem(names, step)
    if ('because' in step || problem !== undefined)
      return { because: `${place} (${type}${problem === '' ? '' : `: ${problem}`})` }
    simple.push(step)
  }
  return simple
}

/** Adds the names that a step asks for, one for each time. */
function boundsProblem(names: string[], step: SimpleStep): string | undefined {
  names.push(...namesOf(step))
  if (names.length > limits.kernelStepNames) return `more than ${limits.kernelStepNames} names in all steps`
  // Each part of a path may be a key of its own.
  const keys = names.reduce((sum, name) => sum + name.split('.').length, 0)
  return keys > limits.kernelStepKeys ? 'paths with too many dots in all steps' : undefined
}

function namesOf(step: SimpleStep): readonly string[] {
  if (step.kind === 'filter') return namesIn(step.condition)
  if (step.kind === 'guard') return step.fields ?? []
  if (step.kind === 'add') return step.members.map(({ key }) => key)
  return step.kind === 'remove' ? step.names : step.pairs.flat()
}

function namesIn(tree: ConditionTree): string[] {
  if (tree.kind === 'constant') return []
  if (tree.kind === 'comparison') return [tree.comparison.field.name]
  const parts = tree.kind === 'not' ? [tree.part] : [tree.test, tree.yes, tree.no]
  return parts.flatMap((part) => namesIn(part))
}
