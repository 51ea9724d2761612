import { parseTree, printParseErrorCode } from 'jsonc-parser'
import type { Node, ParseError } from 'jsonc-parser'

/** Text that is no JSON, or JSON that means two things, with the place. */
export interface SyntaxProblem {
  readonly offset: number
  readonly length: number
  readonly message: string
  /** The text could be read, so what stands around is what it seems to be. */
  readonly isReadable: boolean
}

export interface ConfigDocument {
  readonly text: string
  readonly root: Node | undefined
  readonly problems: readonly SyntaxProblem[]
}

/** Far more than any config has; `parseTree` recurses and would end in a stack overflow. */
const deepest = 200
/** A broken comma makes a cascade of errors; those after the first few are about our own confusion. */
const mostSyntaxErrors = 5

/** Reads JSON with comments and trailing commas. Duplicate keys are an error, and `__proto__` is never a known one. */
export function parseDocument(text: string): ConfigDocument {
  const bare = text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text
  const deepAt = tooDeepAt(bare)
  if (deepAt !== undefined) {
    return {
      text: bare,
      root: undefined,
      problems: [{ offset: deepAt, length: 1, message: 'nested too deeply', isReadable: false }],
    }
  }
  const errors: ParseError[] = []
  const root = parseTree(bare, errors, { allowTrailingComma: true })
  const problems = withoutEchoes(bare, errors)
    .slice(0, mostSyntaxErrors)
    .map((error) => ({ ...error, message: describe(bare, error), isReadable: false }))
  return { text: bare, root, problems: problems.length === 0 && root ? duplicateKeys(root) : problems }
}

function tooDeepAt(text: string): number | undefined {
  let depth = 0
  // Brackets inside strings and comments count too: a config with 200 of them open there is none.
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '{' || character === '[') depth += 1
    else if ((character === '}' || character === ']') && depth > 0) depth -= 1
    if (depth > deepest) return at
  }
  return undefined
}

/** One error for each line; what follows an error with nothing between is its echo. */
function withoutEchoes(text: string, errors: readonly ParseError[]): ParseError[] {
  const lines = new Set<number>()
  return errors.filter(({ offset }, index) => {
    const last = errors[index - 1]
    const isEcho = last !== undefined && text.slice(last.offset + last.length, offset).trim() === ''
    const line = text.lastIndexOf('\n', offset - 1)
    const isFirst = !lines.has(line)
    lines.add(line)
    return isFirst && !isEcho
  })
}

/** Says what was expected; never what stands there, as it may be half a secret. */
function describe(text: string, { error, offset }: ParseError): string {
  const found = text[offset]
  const code = printParseErrorCode(error)
  if (code === 'InvalidSymbol') {
    const isQuoted = found === "'" || found === '`'
    return isQuoted ? 'strings stand in double quotes' : 'expected a value (strings stand in double quotes)'
  }
  const isAtEnd = offset >= text.trimEnd().length
  if (code === 'ValueExpected' && isAtEnd) return 'the file ends where a value is expected'
  return syntaxTexts[code] ?? 'not JSON'
}

const syntaxTexts: Readonly<Record<string, string>> = {
  InvalidNumberFormat: 'expected a number',
  UnexpectedEndOfNumber: 'expected a number',
  PropertyNameExpected: 'expected a key in double quotes',
  ValueExpected: 'expected a value',
  ColonExpected: 'expected ":" after the key',
  CommaExpected: 'expected "," before this',
  CloseBraceExpected: 'expected "}"',
  CloseBracketExpected: 'expected "]"',
  EndOfFileExpected: 'expected the end of the file',
  UnexpectedEndOfComment: 'the comment is never closed',
  UnexpectedEndOfString: 'the string is never closed',
  InvalidUnicode: 'unknown escape in a string (a literal backslash is written \\\\)',
  InvalidEscapeCharacter: 'unknown escape in a string (a literal backslash is written \\\\)',
  InvalidCharacter: 'control characters in strings are written as escapes, such as \\t',
}

function duplicateKeys(node: Node): SyntaxProblem[] {
  const problems: SyntaxProblem[] = []
  const seen = new Set<unknown>()
  for (const child of node.children ?? []) {
    const key = node.type === 'object' ? child.children?.[0] : undefined
    if (key && seen.has(key.value)) {
      const message = `duplicate key ${JSON.stringify(key.value)}`
      problems.push({ offset: key.offset, length: key.length, message, isReadable: true })
    }
    if (key) seen.add(key.value)
    problems.push(...duplicateKeys(child))
  }
  return problems
}
