/** What is wrong with a condition, in words for who wrote it. */
export class ConditionError extends Error {
  constructor(message: string, at?: number) {
    super(at === undefined ? message : `${message} (at character ${at + 1})`)
  }
}

/** CEL's own words, and what people mean who come from other languages. */
const advice: readonly (readonly [RegExp, string])[] = [
  [/[^=!<>]=[^=~]/, 'to compare, write == (and && || ! for and, or, not)'],
  [/\b(?:and|or|not)\b/i, 'write && for and, || for or, ! for not'],
  [/=~|!~/, 'to match a pattern, write field.matches("…")'],
  [/@timestamp|[a-z]-[a-z]/i, 'a name that is no plain word is written field("user-agent")'],
  [
    /\bnamespace\b|\bpackage\b|\bfunction\b|\bimport\b/,
    'a field with a name that CEL keeps for itself is written field("…")',
  ],
]

interface CelFailure {
  /** In one line. */
  readonly summary: string
  readonly at: number | undefined
  asError(text: string, placeOf?: (at: number) => number): ConditionError
}

/** What the library threw, without its drawing of the expression. */
export function explainCelError(error: unknown): CelFailure {
  const [at, summary] = [startOf(error), summaryOf(error)]
  return {
    summary,
    at,
    asError(text, placeOf = (place) => place) {
      const isSyntax = placeOf(0) === 0 && /unexpected|reserved|unterminated|expected/i.test(summary)
      const hint = isSyntax
        ? adviceFor(withoutTexts(text), text.slice(Math.max(0, (at ?? 0) - 2), (at ?? 0) + 4))
        : undefined
      const place = at === undefined ? undefined : placeOf(at)
      return new ConditionError(`is no condition: ${summary}${hint === undefined ? '' : `; ${hint}`}`, place)
    },
  }
}

/** What fits the place of the error, else what fits anywhere. */
function adviceFor(text: string, near: string): string | undefined {
  const found =
    advice.find(([pattern]) => pattern.test(near)) ?? advice.find(([pattern]) => pattern.test(text))
  return found?.[1]
}

const withoutTexts = (text: string): string => text.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""')

function startOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('range' in error)) return undefined
  const { range } = error
  if (typeof range !== 'object' || range === null || !('start' in range)) return undefined
  return typeof range.start === 'number' ? range.start : undefined
}

function summaryOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  // The expression that the library draws is the rewritten one, which nobody has seen.
  const line = text.split('\n', 1)[0]!.replaceAll(/\bdyn<(\w+)>/g, '$1')
  return `${line.charAt(0).toLowerCase()}${line.slice(1)}`
}
