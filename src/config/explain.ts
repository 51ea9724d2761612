import type { Node } from 'jsonc-parser'
import type { ConfigDocument, SyntaxProblem } from './document.ts'
import { pathText } from './finding.ts'
import type { Finding, Path } from './finding.ts'
import { quoteLine } from './quote.ts'
import type { Readable, Span } from './quote.ts'
import { isSecretPath, redacted } from './secrets.ts'

/** A finding with its place, ready to be shown. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  /** 1-based; 0 where the whole file is meant. */
  readonly line: number
  readonly column: number
  /** `sinks.es.nodes[0]`, or ''. */
  readonly path: string
  readonly message: string
  /** The line of the file with marks below, in two lines; '' where there is none. */
  readonly quote: string
}

/** Findings and broken syntax with their places, in the order of the file. */
export function explainAll(document: ConfigDocument, findings: readonly Finding[]): Problem[] {
  const unknown = findings.flatMap(({ hides }) => (hides ? [hides] : []))
  const standIn = (path: Path): string | undefined => {
    if (isSecretPath(path)) return redacted
    return unknown.some((top) => isUnder(path, top)) ? '…' : undefined
  }
  const readable = document.root && { root: document.root, standIn }
  const problems = [
    ...document.problems.map((problem) => explainSyntax(problem, document, readable)),
    ...findings.map((finding) => explainFinding(finding, document, readable)),
  ]
  return problems.sort((a, b) => a.line - b.line || a.column - b.column)
}

/** The type of a component may always be shown: it is what the error is about. */
function isUnder(path: Path, top: Path): boolean {
  if (path.length === top.length + 1 && path.at(-1) === 'type') return false
  return top.every((segment, index) => path[index] === segment)
}

function explainFinding(finding: Finding, document: ConfigDocument, readable: Readable | undefined): Problem {
  const { severity, message, path } = finding
  const span = document.root ? spanOf(document.root, path, finding.at ?? 'value') : undefined
  return { severity, message, path: pathText(path), ...place(document, span, readable) }
}

function explainSyntax(
  problem: SyntaxProblem,
  document: ConfigDocument,
  readable: Readable | undefined,
): Problem {
  const { message, isReadable } = problem
  return {
    severity: 'error',
    message,
    path: '',
    ...place(document, problem, isReadable ? readable : undefined),
  }
}

/** `agent.config.json:12:7: sinks.es.nodez: unknown key`, and the quoted line below it. */
export function problemText(problem: Problem, file: string): string {
  return [headline(problem, file), problem.quote].filter(Boolean).join('\n')
}

export function headline({ line, column, path, message, severity }: Problem, file: string): string {
  const at = line > 0 ? `${file}:${line}:${column}` : file
  const parts = [at, severity === 'warning' ? 'warning' : '', path, message]
  return parts.filter(Boolean).join(': ')
}

function place(
  document: ConfigDocument,
  span: Span | undefined,
  readable: Readable | undefined,
): Pick<Problem, 'line' | 'column' | 'quote'> {
  if (!span || document.text.trim() === '') return { line: 0, column: 0, quote: '' }
  const before = document.text.slice(0, span.offset)
  const line = before.split('\n').length
  const column = span.offset - (before.lastIndexOf('\n') + 1) + 1
  const quote = quoteLine(document.text, span, readable)
  const number = String(line).padStart(5)
  const margin = ' '.repeat(number.length)
  const marks = ' '.repeat(quote.from) + '^'.repeat(quote.length)
  return { line, column, quote: `${number} | ${quote.line}\n${margin} | ${marks}` }
}

/** Where the path stands; for what is not there, the key of what it is missing in. */
function spanOf(root: Node, path: Path, at: 'key' | 'value'): Span {
  let node = root
  let key: Node | undefined
  for (const segment of path) {
    const found = childOf(node, segment)
    if (!found) return key ?? { offset: node.offset, length: 1 }
    node = found.value
    key = found.key ?? key
    if (found.key === undefined) key = undefined
  }
  if (at === 'key' && key) return key
  // Marks under a whole object would run over its first line; its first brace is enough.
  return node.type === 'object' || node.type === 'array' ? { offset: node.offset, length: 1 } : node
}

function childOf(node: Node, segment: string | number): { key: Node | undefined; value: Node } | undefined {
  if (node.type === 'array') {
    const value = node.children?.[Number(segment)]
    return value && { key: undefined, value }
  }
  if (node.type !== 'object') return undefined
  for (const { children } of node.children ?? []) {
    const [key, value] = children ?? []
    if (key && value && key.value === segment) return { key, value }
  }
  return undefined
}
