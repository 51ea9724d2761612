import type { ASTNode } from '@marcbachmann/cel-js'
import { compilePart, parseCondition } from './condition.ts'
import type { Condition } from './condition.ts'
import type { RewrittenField } from './condition-rewrite.ts'
import type { Found } from './found.ts'
import { simpleTestOf } from './simple-test.ts'
import type { SimpleTest } from './simple-test.ts'

/** What a comparison says about a value; `unsure` where evaluating it goes wrong, which has to be counted. */
export type Verdict = 'yes' | 'no' | 'unsure'

/** A part of a condition that is about one field: CEL itself judges each value, so that all who ask mean the same. */
export interface Comparison {
  readonly field: Pick<RewrittenField, 'name' | 'isOwn'>
  /** How plain values can be judged without asking. */
  readonly test: SimpleTest | undefined
  readonly judge: (found: Found | undefined) => Verdict
}

/** A condition in its parts. */
export type ConditionTree =
  | { readonly kind: 'comparison'; readonly comparison: Comparison }
  | { readonly kind: 'constant'; readonly isTrue: boolean }
  | { readonly kind: 'not'; readonly part: ConditionTree }
  | {
      readonly kind: 'choice'
      readonly test: ConditionTree
      readonly yes: ConditionTree
      readonly no: ConditionTree
    }

/** Why something is not simple, for people. */
export interface NotSimple {
  readonly because: string
}

const yes: ConditionTree = { kind: 'constant', isTrue: true }
const no: ConditionTree = { kind: 'constant', isTrue: false }

/** What the agent finds in places that only it knows. */
const foundByAgent = new Set(['trace_id', 'trace.id', 'span_id', 'span.id', 'log.offset'])

/** Takes a condition apart that has passed the schema. */
export function simpleCondition(text: string): ConditionTree | NotSimple {
  const problems: string[] = []
  const tree = treeOf(parseCondition(text), text, problems)
  return problems.length > 0 ? { because: problems[0]! } : tree
}

/** As `condition-rewrite.ts` takes it apart: what is no `&&`, `||`, `!`, `? :` at the top is one part. */
function treeOf(node: ASTNode, text: string, problems: string[]): ConditionTree {
  const inner = (part: ASTNode): ConditionTree => treeOf(part, text, problems)
  if (node.op === '!_') return { kind: 'not', part: inner(node.args) }
  if (node.op === '&&') return { kind: 'choice', test: inner(node.args[0]), yes: inner(node.args[1]), no }
  if (node.op === '||') return { kind: 'choice', test: inner(node.args[0]), yes, no: inner(node.args[1]) }
  if (node.op !== '?:') return partOf(node, text, problems)
  const [test, whenTrue, whenFalse] = node.args
  return { kind: 'choice', test: inner(test), yes: inner(whenTrue), no: inner(whenFalse) }
}

function partOf(node: ASTNode, text: string, problems: string[]): ConditionTree {
  const { condition, fields } = compilePart(text, node)
  const [field, ...others] = fields
  if (!field) return constantOf(condition, problems)
  if (others.length > 0) problems.push(`one comparison has "${field.name}" and "${others[0]!.name}" in it`)
  if (!field.isOwn && foundByAgent.has(field.name)) problems.push(`its condition asks for "${field.name}"`)
  const { name, isOwn } = field
  const comparison: Comparison = {
    field: { name, isOwn },
    test: simpleTestOf(node),
    judge: (found) => judged(condition, found),
  }
  return { kind: 'comparison', comparison: { ...comparison, test: tried(comparison) } }
}

function constantOf(condition: Condition, problems: string[]): ConditionTree {
  const verdict = judged(condition, undefined)
  if (verdict === 'unsure') problems.push('a part of its condition cannot be evaluated')
  return verdict === 'yes' ? yes : no
}

function judged(condition: Condition, found: Found | undefined): Verdict {
  let isUnsure = false
  const find = (): Found | undefined => found
  const isTrue = condition.isTrue({ find, findOwn: find }, { add: () => (isUnsure = true) })
  return isUnsure ? 'unsure' : isTrue ? 'yes' : 'no'
}

/** CEL compares some kinds of values with none of another kind: that has to be counted as an error, value by value. */
function tried({ test, judge }: Comparison): SimpleTest | undefined {
  if (test === undefined || test.kind === 'present') return test
  const samples: readonly Found[] =
    test.kind === 'number' ? [{ json: '1' }, { json: '-1.5' }] : [{ text: 'a' }]
  return samples.some((found) => judge(found) === 'unsure') ? undefined : test
}
