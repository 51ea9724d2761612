import type { ASTNode } from '@marcbachmann/cel-js'
import { severityNames } from '../core/event.ts'
import { severityOf } from '../enrich/level.ts'
import { ConditionError } from './condition-error.ts'

export interface RewrittenField {
  /** As people wrote it, with dots. */
  readonly name: string
  /** The line's own, not what the agent makes of it. */
  readonly isOwn: boolean
  /** The variables that stand for its value and for whether it is there. */
  readonly variable: string
  readonly guard: string
}

export interface Rewritten {
  readonly text: string
  readonly fields: readonly RewrittenField[]
  /** Of `matches()`, by number. */
  readonly patterns: readonly { readonly pattern: string; readonly at: number }[]
  /** The place in the text of people that a place in this one comes from. */
  placeOf(at: number): number
}

const macros = new Set(['all', 'exists', 'exists_one', 'filter', 'map'])
export const levelNames = new Set(['level', 'log.level'])

/**
 * Writes a condition anew with a variable for each field. Where a comparison or call has fields, it gets the question
 * before it whether they are all there: `status >= 500` becomes `(g0 && (f0 >= 500))`, `status != 500` its opposite.
 */
export function rewriteCondition(ast: ASTNode): Rewritten {
  const writer = new Writer()
  const pieces = writer.truth(ast)
  return {
    text: pieces,
    fields: writer.fields,
    patterns: writer.patterns,
    placeOf: (at) => writer.placeOf(pieces, at),
  }
}

/** Fields of one comparison. */
type Asked = Set<RewrittenField>

class Writer {
  readonly fields: RewrittenField[] = []
  readonly patterns: { pattern: string; at: number }[] = []
  /** Variables of macros, which are no fields. */
  readonly #scope: string[] = []
  /** Comparisons as they were written, and where in the text of people: errors are about those. */
  readonly #atoms: { text: string; at: number }[] = []

  placeOf(text: string, at: number): number {
    let place = 0
    let nearest = -1
    for (const atom of this.#atoms) {
      const found = text.indexOf(atom.text)
      if (found >= 0 && found <= at && found > nearest) [nearest, place] = [found, atom.at]
    }
    return place
  }

  /** A part that is true or false by itself: fields are guarded in each comparison, so that `||` and `!` do what they say. */
  truth(node: ASTNode): string {
    if (node.op === '&&' || node.op === '||')
      return `(${this.truth(node.args[0])} ${node.op} ${this.truth(node.args[1])})`
    if (node.op === '!_') return `!${this.truth(node.args)}`
    if (node.op !== '?:') return this.#atom(node)
    const [test, yes, no] = node.args
    return `(${this.truth(test)} ? ${this.truth(yes)} : ${this.truth(no)})`
  }

  #atom(node: ASTNode): string {
    const has = this.#hasOf(node)
    if (has) return has.guard
    const asked: Asked = new Set()
    const isUnequal = node.op === '!='
    const text = isUnequal ? this.#equal(node, asked) : this.#expression(node, asked)
    this.#atoms.push({ text, at: node.start })
    const guards = [...asked].map(({ guard }) => `${guard} && `).join('')
    if (node.op === '==' || node.op === '!=') {
      const isNull = node.args.some(({ op, args }) => op === 'value' && args === null)
      // What is not there is as good as null.
      if (isNull && asked.size === 1) return `${isUnequal ? '' : '!'}(${guards}${text.replace('==', '!=')})`
    }
    return isUnequal ? `!(${guards}${text})` : `(${guards}${text})`
  }

  #expression(node: ASTNode, asked: Asked): string {
    const name = this.#nameOf(node)
    if (name !== undefined) return this.#variable(name, asked)
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- what is left are operators with two sides
    switch (node.op) {
      case 'value':
        return node.input.slice(node.start, node.end)
      case 'id':
        return node.args
      case '.':
        return `${this.#expression(node.args[0], asked)}.${node.args[1]}`
      case '[]':
        return `${this.#expression(node.args[0], asked)}[${this.#expression(node.args[1], asked)}]`
      case '!_':
      case '-_':
        return `${node.op[0]}(${this.#expression(node.args, asked)})`
      case '?:': {
        const [test, yes, no] = node.args.map((part) => this.#expression(part, asked))
        return `(${test} ? ${yes} : ${no})`
      }
      case 'list':
        return `[${node.args.map((item) => this.#expression(item, asked)).join(', ')}]`
      case 'map':
        return `{${node.args.map((pair) => pair.map((part) => this.#expression(part, asked)).join(': ')).join(', ')}}`
      case 'call':
        return this.#call(node, asked)
      case 'rcall':
        return this.#method(node, asked)
      case '.?':
      case '[?]':
        throw new ConditionError('optional fields (?.) are not needed: a missing field is false', node.start)
      default:
        return this.#operator(node, asked)
    }
  }

  #operator(node: ASTNode, asked: Asked): string {
    if (node.op === '==' || node.op === '!=') return this.#equal(node, asked, node.op)
    const isCompared = /^(?:in|[<>]=?)$/.test(node.op)
    const [left, right] = isCompared
      ? this.#sides(node, asked)
      : pairOf(node).map((side) => this.#expression(side, asked))
    return `(${left} ${node.op} ${right})`
  }

  /** `==` between the two sides, also of a `!=`, unless `operator` says else. */
  #equal(node: ASTNode, asked: Asked, operator = '=='): string {
    const [left, right] = this.#sides(node, asked)
    const isNumber = pairOf(node).some(isNumberLiteral)
    if (!isNumber) return `(${left} ${operator} ${right})`
    return `${operator === '!=' ? '!' : ''}isNumber_(${left}, ${right})`
  }

  /**
   * The agent's `level` is one of six words: other spellings of them are understood, and where it is compared with a
   * number, the line's own level is meant (pino's 30).
   */
  #sides(node: ASTNode, asked: Asked): [string, string] {
    const sides = pairOf(node)
    const names = sides.map((side) => this.#nameOf(side))
    const at = names.findIndex((name) => name !== undefined && levelNames.has(name))
    const texts = sides.map((side, index) => {
      const name = names[index]
      if (index === at && name !== undefined) {
        const isOwn = isNumberLiteral(sides[1 - index]!)
        return this.#variable(name, asked, isOwn)
      }
      return at >= 0 ? this.#levelText(side, asked) : this.#expression(side, asked)
    })
    return [texts[0]!, texts[1]!]
  }

  #levelText(node: ASTNode, asked: Asked): string {
    if (node.op === 'list') return `[${node.args.map((item) => this.#levelText(item, asked)).join(', ')}]`
    const severity = node.op === 'value' && typeof node.args === 'string' ? severityOf(node.args) : 0
    return severity === 0 ? this.#expression(node, asked) : JSON.stringify(severityNames[severity])
  }

  #call(node: Extract<ASTNode, { op: 'call' }>, asked: Asked): string {
    const has = this.#hasOf(node)
    if (has) return has.guard
    const [name, parts] = node.args
    if (name === 'field')
      throw new ConditionError('field() wants a name in quotes: field("user-agent")', node.start)
    return `${name}(${parts.map((part) => this.#expression(part, asked)).join(', ')})`
  }

  #method(node: Extract<ASTNode, { op: 'rcall' }>, asked: Asked): string {
    const [method, receiver, parts] = node.args
    if (receiver.op === 'id' && receiver.args === 'cel')
      throw new ConditionError('cel.bind is not available here', node.start)
    if (method === 'matches') return this.#matches(receiver, parts, asked)
    const on = this.#expression(receiver, asked)
    const variable = parts[0]
    if (!macros.has(method) || variable?.op !== 'id') {
      return `${on}.${method}(${parts.map((part) => this.#expression(part, asked)).join(', ')})`
    }
    if (this.#scope.length > 0)
      throw new ConditionError(
        `${method}() within another one could take for ever on a hostile line`,
        node.start,
      )
    this.#scope.push(variable.args)
    const inner = parts.slice(1).map((part) => this.#expression(part, asked))
    this.#scope.pop()
    return `${on}.${method}(${[variable.args, ...inner].join(', ')})`
  }

  #matches(receiver: ASTNode, parts: readonly ASTNode[], asked: Asked): string {
    const [pattern] = parts
    if (parts.length !== 1 || pattern?.op !== 'value' || typeof pattern.args !== 'string')
      throw new ConditionError('matches() wants one pattern in quotes', receiver.start)
    this.patterns.push({ pattern: pattern.args, at: pattern.start })
    return `matches_(${this.#expression(receiver, asked)}, ${this.patterns.length - 1})`
  }

  /** `has(a.b)`: whether the field is there. */
  #hasOf(node: ASTNode): RewrittenField | undefined {
    if (node.op !== 'call' || node.args[0] !== 'has') return undefined
    const [, [inner, ...more]] = node.args
    const name = inner && more.length === 0 ? this.#nameOf(inner) : undefined
    return name === undefined ? undefined : this.#field(name, false)
  }

  #nameOf(node: ASTNode): string | undefined {
    return fieldNameOf(node, this.#scope)
  }

  #variable(name: string, asked: Asked, isOwn = false): string {
    const field = this.#field(name, isOwn)
    asked.add(field)
    return field.variable
  }

  #field(name: string, isOwn: boolean): RewrittenField {
    const known = this.fields.find((field) => field.name === name && field.isOwn === isOwn)
    if (known) return known
    const number = this.fields.length
    const field = { name, isOwn, variable: `field${number}_`, guard: `has${number}_` }
    this.fields.push(field)
    return field
  }
}

/** The field that a node names: `a`, `a.b`, `a["b"]`, `field("a")`; `scope` has the variables of macros, which are none. */
export function fieldNameOf(node: ASTNode, scope: readonly string[] = []): string | undefined {
  if (node.op === 'id') return scope.includes(node.args) ? undefined : node.args
  if (node.op === '.') {
    const above = fieldNameOf(node.args[0], scope)
    return above === undefined ? undefined : `${above}.${node.args[1]}`
  }
  if (node.op === '[]') {
    const [object, key] = node.args
    if (key.op !== 'value' || typeof key.args !== 'string') return undefined
    const above = fieldNameOf(object, scope)
    return above === undefined ? undefined : `${above}.${key.args}`
  }
  if (node.op !== 'call' || node.args[0] !== 'field') return undefined
  const [only] = node.args[1]
  return only?.op === 'value' && typeof only.args === 'string' ? only.args : undefined
}

/** The sides of a binary operator: all that is left when the other kinds of nodes are gone. */
export function pairOf(node: ASTNode): readonly [ASTNode, ASTNode] {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the library's types have one shape for each operator
  return node.args as readonly [ASTNode, ASTNode]
}

function isNumberLiteral(node: ASTNode): boolean {
  if (node.op === '-_') return isNumberLiteral(node.args)
  return node.op === 'value' && (typeof node.args === 'bigint' || typeof node.args === 'number')
}
