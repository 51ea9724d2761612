import type { Environment } from '@marcbachmann/cel-js'
import type { GuardedRegex } from '../parsers/regex-guard.ts'

/** What CEL does not have or is too strict about for people who read logs. */

type Numeric = number | bigint

/** The number that a text is: a regex or logfmt makes texts of all that it finds. */
function numberOf(value: unknown): Numeric | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (typeof value !== 'string' || value === '') return undefined
  if (/^-?\d{1,40}$/.test(value)) return BigInt(value)
  return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value) ? Number(value) : undefined
}

function numberIn(text: string): Numeric {
  const number = numberOf(text)
  if (number === undefined) throw new Error('a text that is no number was compared with a number')
  return number
}

const compare: Readonly<Record<string, (a: Numeric, b: Numeric) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

const compute: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
}

/** `isNumber_(field, 503)` stands for `field == 503`, `matches_(field, 0)` for `field.matches(…)`: the rewriting writes them. */
export function registerForPeople(environment: Environment, patterns: readonly GuardedRegex[]): Environment {
  for (const type of ['int', 'double']) {
    for (const [operator, test] of Object.entries(compare)) {
      environment.registerOperator(`string ${operator} ${type}`, (a: string, b: Numeric) =>
        test(numberIn(a), b),
      )
      environment.registerOperator(`${type} ${operator} string`, (a: Numeric, b: string) =>
        test(a, numberIn(b)),
      )
    }
  }
  for (const [operator, result] of Object.entries(compute)) {
    const mixed = (a: Numeric, b: Numeric): number => result(Number(a), Number(b))
    environment.registerOperator(`int ${operator} double: double`, mixed)
    environment.registerOperator(`double ${operator} int: double`, mixed)
  }
  environment.registerFunction('isNumber_(dyn, dyn): bool', (a: unknown, b: unknown) => {
    const [left, right] = [numberOf(a), numberOf(b)]
    // oxlint-disable-next-line eqeqeq -- 5n and 5 are the same number
    return left !== undefined && right !== undefined && left == right
  })
  environment.registerFunction('matches_(dyn, int): bool', (text: unknown, index: bigint) => {
    if (typeof text !== 'string') throw new Error('matches() was asked of what is no text')
    const match = patterns[Number(index)]!.exec(text)
    if (match === 'timeout') throw new Error('the pattern of matches() took too long')
    return match !== null
  })
  return environment
}
