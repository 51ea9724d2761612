import type { Node } from 'jsonc-parser'
import type { ConfigDocument, SyntaxProblem } from './document.ts'
import { pathText } from './finding.ts'
import type { Finding, Path } from './finding.ts'
import { quoteLine } from './quote.ts'
import type { Span } from './quote.ts'

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

export function explainFinding(finding: Finding, document: ConfigDocument): Problem {
  const { severity, message, path } = finding
  const span = document.root ? spanOf(document.root, path, finding.at ?? 'value') : undefined
  return { severity, message, path: pathText(path), ...place(document, span, document.root) }
}

export function explainSyntax(problem: SyntaxProblem, document: ConfigDocument): Problem {
  const root = problem.isReadable ? document.root : undefined
  return { severity: 'error', message: problem.message, path: '', ...place(document, problem, root) }
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
  root: Node | undefined,
): Pick<Problem, 'line' | 'column' | 'quote'> {
  if (!span || document.text.trim() === '') return { line: 0, column: 0, quote: '' }
  const before = document.text.slice(0, span.offset)
  const line = before.split('\n').length
  const column = span.offset - (before.lastIndexOf('\n') + 1) + 1
  const quote = quoteLine(document.text, span, root)
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
