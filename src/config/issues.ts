import { z } from 'zod'
import { failure, unknownKeyAt } from './finding.ts'
import type { Finding, Path } from './finding.ts'
import { nearest } from '../core/nearest.ts'
import { isSecretPath, mayHideUserInfo, withoutUserInfo } from './secrets.ts'
import { valueAt } from './values.ts'

type Issue = z.core.$ZodIssue

/** Begins the messages that we make up ourselves, so that a schema's own wording can be told from them. */
const ours = '\0'

/**
 * Parses `value` and says in our words what is wrong. `path` is where the value stands in the config. `isSecret` says
 * of further paths that what was found there must not be shown.
 */
export function parseWith<Output>(
  schema: z.ZodType<Output>,
  value: unknown,
  place: { path: Path; isSecret: (path: Path) => boolean },
): { ok: true; output: Output } | { ok: false; findings: Finding[] } {
  const result = schema.safeParse(value, { error: describeRaw })
  if (result.success) return { ok: true, output: result.data }
  const isSecret = (path: Path): boolean => isSecretPath(path) || place.isSecret(path)
  const findings = result.error.issues.flatMap((issue) =>
    translate(issue, { root: value, at: [], place: place.path, isSecret }),
  )
  return { ok: false, findings }
}

interface Scope {
  readonly root: unknown
  /** From `root` to what the issue's own path starts at (inside a union it starts anew). */
  readonly at: Path
  /** Where `root` stands in the config. */
  readonly place: Path
  readonly isSecret: (path: Path) => boolean
}

function translate(issue: Issue, scope: Scope): Finding[] {
  const at = [
    ...scope.at,
    ...issue.path.map((segment) => (typeof segment === 'symbol' ? String(segment) : segment)),
  ]
  const path = [...scope.place, ...at]
  const found = valueAt(scope.root, at)
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeysOf(issue.message)
    return issue.keys.map((key) => unknownKeyAt([...path, key], unknownKey(key, known)))
  }
  if (issue.code === 'invalid_union' && issue.message.startsWith(ours)) {
    const branch = likeliest(issue.errors, found)
    if (branch) return branch.flatMap((inner) => translate(inner, { ...scope, at }))
    return [failure(path, `${expectedOfUnion(issue.errors, found)}${foundText(found, path, scope)}`)]
  }
  if (issue.code === 'invalid_key') return [failure(path, issue.issues[0]?.message ?? 'wrong name', 'key')]
  const message = issue.message.startsWith(ours) ? expected(issue, found) : issue.message
  if (found === undefined && issue.code === 'invalid_type')
    return [failure(path, `missing, ${message}`, 'key')]
  return [failure(path, `${message}${saysFound(message) ? foundText(found, path, scope) : ''}`)]
}

/** Only the wordings that leave the reader asking what there was instead. */
const saysFound = (message: string): boolean => /^(?:expected|must be) /.test(message)

export function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  if (meant) return `unknown key, did you mean "${meant}"?`
  return known.length > 0 ? `unknown key, known here: ${[...known].sort().join(', ')}` : 'unknown key'
}

/**
 * zod asks this for the text of each issue that the schema has no wording for. The issue here still knows its schema,
 * later it does not, so the known keys travel as the text.
 */
function describeRaw(issue: z.core.$ZodRawIssue): string {
  if (issue.code !== 'unrecognized_keys') return ours
  const { inst } = issue
  return `${ours}${inst instanceof z.ZodObject ? Object.keys(inst.shape).join('\n') : ''}`
}

const knownKeysOf = (message: string): string[] => message.replace(ours, '').split('\n').filter(Boolean)

/** The branch of a union that the value was surely meant for: objects for objects, lists for lists. */
function likeliest(branches: readonly Issue[][], found: unknown): Issue[] | undefined {
  if (typeof found !== 'object' || found === null) return undefined
  const fitting = branches.filter(
    (issues) => !issues.some(({ code, path }) => path.length === 0 && isAboutType(code)),
  )
  // Of several objects the one with the fewest complaints; of equals the first, as the schema lists the usual one first.
  return fitting.sort((a, b) => complaints(a) - complaints(b))[0]
}

const isAboutType = (code: string): boolean => code === 'invalid_type' || code === 'invalid_value'

function complaints(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0)
}

function expectedOfUnion(branches: readonly Issue[][], found: unknown): string {
  const alternatives = branches.flatMap((issues) => {
    const first = issues[0]
    if (!first) return []
    const text = first.message.startsWith(ours) ? expected(first, undefined) : first.message
    return text.startsWith('expected ') ? [text.slice('expected '.length).replace('one of ', '')] : []
  })
  const values = branches.flat().flatMap((issue) => (issue.code === 'invalid_value' ? issue.values : []))
  return `expected ${orList([...new Set(alternatives)])}${meantText(found, values)}`
}

function meantText(found: unknown, values: readonly unknown[]): string {
  const meant = typeof found === 'string' ? nearest(found, values.filter(isText)) : undefined
  return meant === undefined ? '' : ` (did you mean "${meant}"?)`
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  null: 'null',
}

function expected(issue: Issue, found: unknown): string {
  if (issue.code === 'invalid_type') return `expected ${typeNames[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_value') return expectedValues(issue.values, found)
  if (issue.code === 'too_small') return bound(issue.origin, { word: 'at least', limit: issue.minimum })
  if (issue.code === 'too_big') return bound(issue.origin, { word: 'at most', limit: issue.maximum })
  if (issue.code === 'invalid_union') return expectedOfUnion(issue.errors, found)
  if (issue.code === 'invalid_format' && issue.format === 'url') return 'expected a URL'
  return 'not allowed'
}

function expectedValues(values: readonly unknown[], found: unknown): string {
  const list = values.map((value) => JSON.stringify(value)).join(', ')
  return `expected ${values.length > 1 ? 'one of ' : ''}${list}${meantText(found, values)}`
}

const isText = (value: unknown): value is string => typeof value === 'string'

function bound(origin: string, { word, limit }: { word: string; limit: number | bigint }): string {
  if (origin === 'string')
    return Number(limit) === 1 ? 'must not be empty' : `must be ${word} ${limit} characters long`
  if (origin === 'array')
    return Number(limit) === 1 && word === 'at least'
      ? 'must not be empty'
      : `must have ${word} ${limit} items`
  return `must be ${word} ${limit}`
}

function foundText(found: unknown, path: Path, { isSecret }: Scope): string {
  if (found === undefined) return ''
  if (isSecret(path) || mayHideUserInfo(path, found)) return ', found [redacted]'
  if (found === null || typeof found === 'number' || typeof found === 'boolean') return `, found ${found}`
  if (typeof found === 'string') return `, found ${JSON.stringify(withoutUserInfo(shorten(found)))}`
  return Array.isArray(found) ? ', found a list' : ', found an object'
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text)

function orList(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`
}
