import { limits } from '../core/limits.ts'
import { compileGuarded, enableRegexGuard } from '../parsers/regex-guard.ts'
import { warning } from './finding.ts'
import type { Finding, Path } from './finding.ts'
import type { StepConfig } from '../steps/schema.ts'
import type { Pieces } from './validate.ts'
import { isObject, textsOf } from './values.ts'

/** Patterns that cost more than others, as the engine's own guard against slow ones does not cover them. */
export function patternChecks({ settings, sources }: Pick<Pieces, 'settings' | 'sources'>): Finding[] {
  return [
    ...Object.entries(sources).flatMap(([name, { parse, multiline, steps }]) => {
      const path = ['sources', name, 'parse']
      const parsers = Array.isArray(parse)
        ? parse.map((one, index) => ({ one, at: [...path, index] }))
        : [{ one: parse, at: path }]
      const ofParsers = parsers.flatMap(({ one, at }) => parserCheck(one, at))
      const ofMultiline = (['start', 'continue'] as const).flatMap((key) =>
        patternCheck(multiline?.[key], ['sources', name, 'multiline', key]),
      )
      return [...ofParsers, ...ofMultiline, ...stepsCheck(steps, ['sources', name, 'steps'])]
    }),
    ...stepsCheck(settings?.steps, ['steps']),
  ]
}

function stepsCheck(steps: readonly StepConfig[] | undefined, path: Path): Finding[] {
  return (steps ?? []).flatMap(({ parse, redact }, index) => [
    ...parserCheck(parse, [...path, index, 'parse']),
    ...textsOf(isObject(redact) ? redact['patterns'] : []).flatMap((pattern, place) =>
      patternCheck(pattern, [...path, index, 'redact', 'patterns', place]),
    ),
  ])
}

function parserCheck(parser: unknown, path: Path): Finding[] {
  return isObject(parser) && parser['type'] === 'regex'
    ? patternCheck(parser['pattern'], [...path, 'pattern'])
    : []
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
