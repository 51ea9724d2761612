import * as v8 from 'node:v8'
import * as vm from 'node:vm'
import { limits } from '../core/limits.ts'
import { unrollRepeats } from './regex-unroll.ts'
import { withinCpuTime } from './within-cpu-time.ts'

/**
 * Regexes that people configure meet text that anybody writes: `^(a+)+$` takes half a minute on 28 letters. V8 has a second
 * engine that takes linear time; told so by a flag it changes over to it after many backtracks, for all but some syntax
 * (flags i u d, look-around, backreferences, large bounded repetitions). What it doesn't cover runs in `vm` with a time
 * limit, which costs 50 to 95 microseconds a line.
 */
const guardFlag = '--enable-experimental-regexp-engine-on-excessive-backtracks'
const engineFlag = '--enable-experimental-regexp-engine'
const selfTestMs = 250

let guardState: 'off' | 'working' | 'missing' = 'off'

/**
 * Turns V8's guard on and proves it on a pattern that would hang for minutes; within `vm`, so that a missing guard costs
 * a quarter of a second and not the process. Without it every pattern of people's runs in `vm`. Returns whether it works.
 */
export function enableRegexGuard(): boolean {
  if (guardState === 'off') guardState = provesGuard() ? 'working' : 'missing'
  return guardState === 'working'
}

function provesGuard(): boolean {
  try {
    v8.setFlagsFromString(guardFlag)
    const context = vm.createContext({ pattern: /^(a+)+$/, text: `${'a'.repeat(40)}b` })
    return (
      vm.runInContext('pattern.exec(text) === null', context, { timeout: selfTestMs }) === true &&
      isLinear('(a+)+', '')
    )
  } catch {
    // ERR_SCRIPT_EXECUTION_TIMEOUT: the flag did nothing. Any other error: this V8 doesn't have it.
    return false
  }
}

/**
 * Asks V8 itself: with the linear engine switched on, flag `l` makes a pattern that it can't take a SyntaxError. The
 * engine is off again at once, so nothing else of the process ever sees the flag.
 */
function isLinear(source: string, flags: string): boolean {
  v8.setFlagsFromString(engineFlag)
  try {
    // V8 compiles at the first run: a pattern that it can't take may only be refused there.
    return new RegExp(source, `${flags}l`).exec('') !== undefined
  } catch {
    return false
  } finally {
    v8.setFlagsFromString(`--no-${engineFlag.slice(2)}`)
  }
}

export interface GuardedRegex {
  /** `vm`: not covered by V8's guard, slow, and timed. */
  readonly runs: 'guarded' | 'vm'
  /** Names of the groups, in order. */
  readonly groups: readonly string[]
  exec(text: string): RegExpExecArray | null | 'timeout'
}

export class RegexError extends Error {}

/**
 * Compiles a pattern of people's. Throws `RegexError` with a text for them. The guard goes on first, in `validate` too: V8
 * keeps what it compiled, and a pattern that it saw before the flag would run unguarded for ever (seen, on Node 20).
 */
export function compileGuarded(pattern: string, timeoutMs: number = limits.regexMs): GuardedRegex {
  const isGuardOn = enableRegexGuard()
  const { source, flags } = translate(pattern)
  const regex = compile(source, flags, pattern)
  const groups = [...source.matchAll(/(?<!\\)(?:\\\\)*\(\?<([A-Za-z_$][\w$]*)>/g)].map((match) => match[1]!)
  const linear = isGuardOn ? linearForm(source, flags, regex) : undefined
  if (linear) return { runs: 'guarded', groups, exec: (text) => linear.exec(text) }
  return { runs: 'vm', groups, exec: timed(regex, timeoutMs) }
}

/** The pattern as V8's linear engine takes it, if it does. */
function linearForm(source: string, flags: string, regex: RegExp): RegExp | undefined {
  if (isLinear(source, flags)) return regex
  const unrolled = unrollRepeats(source)
  return unrolled !== source && isLinear(unrolled, flags) ? new RegExp(unrolled, flags) : undefined
}

/** Finds every place that a pattern of people's matches. */
export interface GuardedSearch {
  readonly runs: 'guarded' | 'vm'
  /** Start and end of each match, one after the other. */
  places(text: string): number[] | 'timeout'
}

/** The same for all matches in a text, each of them within the limits; together no more than a text has characters. */
export function compileGuardedSearch(
  pattern: string,
  timeoutMs: number = limits.regexMs,
  within = withinCpuTime,
): GuardedSearch {
  const isGuardOn = enableRegexGuard()
  const { source, flags } = translate(pattern)
  const regex = compile(source, `${flags}g`, pattern)
  const linear = isGuardOn ? linearForm(source, `${flags}g`, regex) : undefined
  const searched = linear ?? regex
  const exec = linear ? (text: string) => linear.exec(text) : timed(regex, timeoutMs, within)
  return {
    runs: linear ? 'guarded' : 'vm',
    places(text) {
      const places: number[] = []
      for (searched.lastIndex = 0; searched.lastIndex <= text.length;) {
        const match = exec(text)
        if (match === 'timeout') return 'timeout'
        if (!match) return places
        // Nothing is found in nothing: one character on, or it would be found there for ever.
        if (match[0] === '') searched.lastIndex++
        else places.push(match.index, match.index + match[0].length)
      }
      return places
    },
  }
}

/** What RE2, Ruby and Python write in another way: `(?P<name>…)`, and flags at the start such as `(?i)`. */
export function translate(pattern: string): { source: string; flags: string } {
  const start = /^\(\?([ims]+)\)/.exec(pattern)
  const source = (start ? pattern.slice(start[0].length) : pattern).replaceAll('(?P<', '(?<')
  return { source, flags: start ? [...new Set(start[1])].join('') : '' }
}

function compile(source: string, flags: string, pattern: string): RegExp {
  try {
    return new RegExp(source, flags)
  } catch (error) {
    throw new RegexError(`${reasonOf(error)}${placeOf(source, pattern)}`)
  }
}

/** V8's own words without the pattern, which the reader has before them. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.slice(text.lastIndexOf(': ') + 2).toLowerCase()
}

/** V8 names no position. The shortest head of the pattern that has the same fault ends where it shows. */
function placeOf(source: string, pattern: string): string {
  const whole = failureOf(source)
  for (let length = 1; length <= source.length && source.length <= 2000; length++) {
    // An open group is a fault of any head that cuts one: it is only the pattern's where it is the last one found.
    if (failureOf(source.slice(0, length)) === whole && !/unterminated|missing/.test(whole)) {
      return ` at position ${length + pattern.length - source.length}`
    }
  }
  return unclosedAt(source, whole, pattern.length - source.length)
}

function failureOf(source: string): string {
  try {
    void new RegExp(source)
    return ''
  } catch (error) {
    return reasonOf(error)
  }
}

/** The bracket that nobody closes: the last one left open. */
function unclosedAt(source: string, reason: string, shift: number): string {
  const open: number[] = []
  let classAt = -1
  for (let at = 0; at < source.length; at++) {
    const char = source[at]
    if (char === '\\') at++
    else if (classAt >= 0) classAt = char === ']' ? -1 : classAt
    else if (char === '[') classAt = at
    else if (char === '(') open.push(at)
    else if (char === ')') open.pop()
  }
  const at = reason.includes('class') ? classAt : (open.at(-1) ?? -1)
  return at < 0 ? '' : ` at position ${at + shift + 1}`
}

/** One context for each pattern: what runs in there sees the pattern and the text, nothing of ours. */
function timed(regex: RegExp, timeoutMs: number, within = withinCpuTime): GuardedRegex['exec'] {
  const sandbox: { pattern: RegExp; text: string } = Object.assign(Object.create(null), {
    pattern: regex,
    text: '',
  })
  const context = vm.createContext(sandbox)
  const script = new vm.Script('pattern.exec(text)')
  const run = (limitMs: number): RegExpExecArray | null | 'timeout' => {
    try {
      const match: RegExpExecArray | null = script.runInContext(context, { timeout: limitMs })
      return match
    } catch (error) {
      if (isTimeout(error)) return 'timeout'
      throw error
    }
  }
  return (text) => {
    sandbox.text = text
    const { lastIndex } = regex
    const match = within((wallMs) => {
      // A run that is stopped on its way back has moved it behind a match that nobody heard of: `redact` left a secret in.
      regex.lastIndex = lastIndex
      return run(wallMs)
    }, timeoutMs)
    sandbox.text = ''
    return match
  }
}

/** The error is made in the other context: it is no `Error` of ours. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  )
}
