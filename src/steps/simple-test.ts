import type { ASTNode } from '@marcbachmann/cel-js'
import { fieldNameOf, levelNames, pairOf } from './condition-rewrite.ts'

/** A comparison of one field with literals that can be judged by the bytes of a line, without CEL. */
export type SimpleTest = {
  /** The opposite is meant: `!=`. */
  readonly isOpposite: boolean
} & (
  | { readonly kind: 'equal' | 'starts' | 'ends' | 'contains'; readonly texts: readonly string[] }
  | {
      readonly kind: 'number'
      /** Exact as a double. */
      readonly number: number
      /** Which relations of the field's value to the number are true. */
      readonly relations: readonly Relation[]
    }
  | { readonly kind: 'pattern'; readonly pattern: string }
  | { readonly kind: 'present' }
)
export type Relation = 'less' | 'equal' | 'greater'

const relationsOf: Readonly<Record<string, readonly Relation[]>> = {
  '==': ['equal'],
  '!=': ['equal'],
  '<': ['less'],
  '<=': ['less', 'equal'],
  '>': ['greater'],
  '>=': ['greater', 'equal'],
}
const flipped: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' }
const methods = { startsWith: 'starts', endsWith: 'ends', contains: 'contains' } as const

/** Undefined for all that is not of such a form: then each value is asked of CEL. */
export function simpleTestOf(node: ASTNode): SimpleTest | undefined {
  if (node.op === 'call') return node.args[0] === 'has' ? { kind: 'present', isOpposite: false } : undefined
  if (node.op === 'rcall') return methodTest(node)
  if (node.op === 'in') return listTest(node)
  if (!Object.hasOwn(relationsOf, node.op)) return undefined
  const [left, right] = pairOf(node)
  if (fieldNameOf(left) !== undefined) return comparison(left, node.op, right)
  return fieldNameOf(right) === undefined ? undefined : comparison(right, flipped[node.op] ?? node.op, left)
}

function comparison(field: ASTNode, operator: string, literal: ASTNode): SimpleTest | undefined {
  const isOpposite = operator === '!='
  const number = numberOf(literal)
  if (number !== undefined) return { kind: 'number', number, relations: relationsOf[operator]!, isOpposite }
  if (operator !== '==' && !isOpposite) return undefined
  return isWordOfLevel(field) || !isPlainText(literal)
    ? undefined
    : { kind: 'equal', texts: [literal.args], isOpposite }
}

/** What a level is compared with is brought into the agent's words before (`condition-rewrite.ts`). */
function isWordOfLevel(field: ASTNode): boolean {
  return levelNames.has(fieldNameOf(field) ?? '')
}

function listTest(node: ASTNode): SimpleTest | undefined {
  const [field, list] = pairOf(node)
  if (fieldNameOf(field) === undefined || isWordOfLevel(field) || list.op !== 'list') return undefined
  const texts = list.args.filter((item) => isPlainText(item)).map(({ args }) => args)
  return texts.length === list.args.length && texts.length > 0
    ? { kind: 'equal', texts, isOpposite: false }
    : undefined
}

function methodTest({ args }: Extract<ASTNode, { op: 'rcall' }>): SimpleTest | undefined {
  const [method, field, [text, ...more]] = args
  if (fieldNameOf(field) === undefined || !text || more.length > 0 || !isPlainText(text)) return undefined
  if (method === 'matches') return { kind: 'pattern', pattern: text.args, isOpposite: false }
  if (!Object.hasOwn(methods, method)) return undefined
  // oxlint-disable-next-line no-unsafe-type-assertion -- one of the keys, as the line before says
  return { kind: methods[method as keyof typeof methods], texts: [text.args], isOpposite: false }
}

type TextNode = Extract<ASTNode, { op: 'value' }> & { readonly args: string }

/** Half a surrogate pair has no bytes to be compared with. */
const isPlainText = (node: ASTNode): node is TextNode =>
  node.op === 'value' && typeof node.args === 'string' && !/\p{Surrogate}/u.test(node.args)

function numberOf(node: ASTNode): number | undefined {
  if (node.op === '-_') {
    const number = numberOf(node.args)
    return number === undefined ? undefined : -number
  }
  if (node.op !== 'value') return undefined
  if (typeof node.args === 'number') return Number.isFinite(node.args) ? node.args : undefined
  const isExact = typeof node.args === 'bigint' && Number.isSafeInteger(Number(node.args))
  return isExact ? Number(node.args) : undefined
}
