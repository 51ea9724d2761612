import { limits } from '../core/limits.ts'
import { compileGuarded, enableRegexGuard } from '../parsers/regex-guard.ts'
import { warning } from './finding.ts'
import type { Finding, Path } from './finding.ts'
import type { Pieces } from './validate.ts'
import { isObject } from './values.ts'

/** Patterns that cost more than others, as the engine's own guard against slow ones does not cover them. */
export function patternChecks({ sources }: Pick<Pieces, 'sources'>): Finding[] {
  return Object.entries(sources).flatMap(([name, { parse, multiline }]) => {
    const path = ['sources', name, 'parse']
    const parsers = Array.isArray(parse)
      ? parse.map((one, index) => ({ one, at: [...path, index] }))
      : [{ one: parse, at: path }]
    return [
      ...parsers.flatMap(({ one, at }) =>
        isObject(one) && one['type'] === 'regex' ? patternCheck(one['pattern'], [...at, 'pattern']) : [],
      ),
      ...(['start', 'continue'] as const).flatMap((key) =>
        patternCheck(multiline?.[key], ['sources', name, 'multiline', key]),
      ),
    ]
  })
}

function patternCheck(pattern: unknown, path: Path): Finding[] {
  if (typeof pattern !== 'string') return []
  const hasGuard = enableRegexGuard()
  if (compileGuarded(pattern).runs === 'guarded') return []
  const cause = hasGuard
    ? 'look-around, backreferences, flags or large repetitions'
    : 'this Node has no guard against slow patterns'
  const message = `runs under a time limit of ${limits.regexMs} ms a line (${cause}), which costs about 0.1 ms for each line`
  return [warning(path, message)]
}
