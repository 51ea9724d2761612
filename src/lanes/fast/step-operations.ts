import type { AddedMember } from '../../parsers/parser.ts'
import type { ConditionTree } from '../../steps/simple-condition.ts'
import type { SimpleEdit, SimpleGuard, SimpleStep } from '../../steps/step.ts'

/** What the kernel does, one after the other. */
export type StepOperation =
  | { readonly kind: 'filter'; readonly condition: ConditionTree; readonly filtersWhen: boolean }
  | { readonly kind: 'add'; readonly name: string; readonly member: AddedMember }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string }
  | { readonly kind: 'remove'; readonly name: string }
  | SimpleGuard
  /** What was edited so far is looked at anew. */
  | { readonly kind: 'look' }

export type EditOperation = Exclude<StepOperation, { readonly kind: 'filter' | 'guard' | 'look' }>

/**
 * The steps in operations. Edits of different names are gathered, so that a line is written and looked at once for all of them;
 * in between it is looked at where one asks about what another one has edited, and around those that cut.
 */
export function operationsOf(steps: readonly SimpleStep[]): StepOperation[] {
  const operations: StepOperation[] = []
  let touched: string[] = []
  const look = (): void => {
    if (touched.length > 0) operations.push({ kind: 'look' })
    touched = []
  }
  for (const step of steps) {
    if (step.kind === 'filter' || step.kind === 'guard') {
      look()
      operations.push(step)
      continue
    }
    for (const edit of editsOf(step)) {
      const names = namesOf(edit)
      if (cuts(edit) || names.some((name) => touched.some((other) => areRelated(name, other)))) look()
      operations.push(edit)
      touched.push(...names)
      if (cuts(edit)) look()
    }
  }
  return operations
}

function editsOf(step: SimpleEdit): readonly EditOperation[] {
  if (step.kind === 'add') return step.members.map((member) => ({ kind: 'add', name: member.key, member }))
  if (step.kind === 'remove') return step.names.map((name) => ({ kind: 'remove', name }))
  return step.pairs.map(([name, to]) => ({ kind: 'rename', name, to }))
}

export function namesOf(edit: EditOperation): readonly string[] {
  return edit.kind === 'rename' ? [edit.name, edit.to] : [edit.name]
}

/** A member at a path leaves its object when it is renamed. */
const cuts = (edit: EditOperation): boolean =>
  edit.kind === 'remove' || (edit.kind === 'rename' && edit.name.includes('.'))

/** One may be the other one, or lie in it. */
const areRelated = (a: string, b: string): boolean =>
  a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)
