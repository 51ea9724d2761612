import { directives } from './time-directives.ts'
import { instantOf, newFields } from './time-fields.ts'
import type { TimeStep } from './time-fields.ts'
import type { ParsedTime } from './time-value.ts'
import type { TimeZone } from './time-zone.ts'

export interface TimePattern {
  /** `nowSeconds` says which year or day a time without one belongs to. */
  parse(text: string, zone: TimeZone, nowSeconds: number): ParsedTime | undefined
}

export class TimePatternError extends Error {}

/** Compiles a strptime pattern. Throws `TimePatternError` naming the directive that it doesn't know. */
export function compileStrptime(pattern: string): TimePattern {
  return patternOf(stepsOf(pattern))
}

/** Each step reads a part of the text; together they must read all of it. */
export function patternOf(steps: readonly TimeStep[]): TimePattern {
  return {
    parse(text, zone, nowSeconds) {
      const fields = newFields()
      let at = 0
      for (const step of steps) {
        at = step(text, at, fields)
        if (at < 0) return undefined
      }
      return at === text.length ? instantOf(fields, zone, nowSeconds) : undefined
    },
  }
}

/** A directive with its flags (`%-d`, `%_H`), its modifiers (`%Ey`, `%:z`) and its width (`%3N`), blanks, or other text. */
const tokens = /%([-_0^#]?[EO]?:{0,2}[a-zA-Z%+]|\d[NL])|\s+|[^%\s]+|%/g

function stepsOf(pattern: string): TimeStep[] {
  const steps: TimeStep[] = []
  for (const [part, name] of pattern.matchAll(tokens)) {
    if (name !== undefined) steps.push(...stepsOfDirective(part, name))
    else if (part === '%') throw new TimePatternError(`"%" without a letter in ${JSON.stringify(pattern)}`)
    else steps.push(/^\s/.test(part) ? skipSpace : literal(part))
  }
  return steps
}

/** Directives that stand for several. */
const compound: Readonly<Record<string, string>> = {
  T: '%H:%M:%S',
  R: '%H:%M',
  F: '%Y-%m-%d',
  D: '%m/%d/%y',
  r: '%I:%M:%S %p',
  c: '%a %b %e %H:%M:%S %Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  v: '%e-%b-%Y',
  '+': '%a %b %e %H:%M:%S %Z %Y',
}

function stepsOfDirective(part: string, name: string): TimeStep[] {
  // Reading takes numbers padded or not, and names in any case; and the agent's locale is always the plain one.
  const plain = name.replace(/^[-_0^#]/, '').replace(/^[EO](?=[a-zA-Z])/, '')
  const whole = Object.hasOwn(compound, plain) ? compound[plain] : undefined
  if (whole !== undefined) return stepsOf(whole)
  const step = Object.hasOwn(directives, plain) ? directives[plain] : undefined
  if (!step) throw new TimePatternError(`unknown directive ${part}`)
  return [step]
}

export const skipSpace: TimeStep = (text, at) => {
  let end = at
  while (text.charCodeAt(end) === 32 || (text.charCodeAt(end) >= 9 && text.charCodeAt(end) <= 13)) end++
  return end
}

export const literal = (part: string): TimeStep => {
  return (text, at) => (text.startsWith(part, at) ? at + part.length : -1)
}
