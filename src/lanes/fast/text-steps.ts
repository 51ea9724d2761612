import { Buffer } from 'node:buffer'
import { EventFinder } from '../../steps/event-finder.ts'
import type { Found } from '../../steps/found.ts'
import type { Comparison, ConditionTree, Verdict } from '../../steps/simple-condition.ts'
import { StepEvent } from '../../steps/step-event.ts'
import type { StepLine } from '../../steps/step-event.ts'
import type { AddedMember } from '../../parsers/parser.ts'
import type { StepOperation } from './step-operations.ts'

/** What steps make of a line of text, whatever it says: members beside it. */
export interface TextSteps {
  readonly added: readonly AddedMember[]
  /** What was added may have to be redacted. */
  readonly isUnsure: boolean
  /** What comparisons say that do not ask for the text: they find what steps before them have added. */
  readonly verdicts: ReadonlyMap<Comparison, Verdict>
}

/** Tried once, on an event like those of the general lane. */
export function tryOnText(
  operations: readonly StepOperation[],
  shared: ReadonlyMap<string, Found>,
  findsTrace: boolean,
): TextSteps {
  const event = new StepEvent(new EventFinder(findsTrace))
  event.begin(emptyLine, { own: undefined, isTakenApart: false, added: [], parseError: '' }, shared)
  const verdicts = new Map<Comparison, Verdict>()
  let isUnsure = false
  for (const operation of operations) {
    if (operation.kind === 'filter') {
      for (const comparison of comparisonsIn(operation.condition)) {
        const { name, isOwn } = comparison.field
        verdicts.set(comparison, comparison.judge(isOwn ? event.findOwn(name) : event.find(name)))
      }
    } else if (operation.kind === 'guard') isUnsure ||= event.added.length > 0
    else if (operation.kind === 'add') event.set(operation.name, operation.member)
    else if (operation.kind === 'rename') event.rename(operation.name, operation.to)
    else if (operation.kind === 'remove') event.remove([operation.name])
  }
  return { added: event.added, isUnsure, verdicts }
}

const emptyLine: StepLine = {
  bytes: Buffer.alloc(0),
  start: 0,
  end: 0,
  from: 0,
  stream: '',
  text: '',
  setWhole() {},
}

function comparisonsIn(tree: ConditionTree): readonly Comparison[] {
  if (tree.kind === 'constant') return []
  if (tree.kind === 'comparison') return [tree.comparison]
  const parts = tree.kind === 'not' ? [tree.part] : [tree.test, tree.yes, tree.no]
  return parts.flatMap((part) => comparisonsIn(part))
}
