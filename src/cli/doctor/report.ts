import { formatCounted } from '../../admin/quantities.ts'
import { escapeControls } from '../../core/terminal-text.ts'
import type { Style } from '../io.ts'
import { wrap } from '../wrap.ts'
import type { Severity } from './finding.ts'
import type { CheckedFinding, Diagnosis } from './run-checks.ts'

export interface ReportOptions {
  readonly width: number
  readonly style: Style
}

/** The worst comes first; what is well is one line each at the end. */
const order: readonly Severity[] = ['problem', 'warning', 'unknown', 'ok']

/** The width of the column of severities and its space. */
const indent = ' '.repeat(9)

export function reportLines({ findings }: Pick<Diagnosis, 'findings'>, options: ReportOptions): string[] {
  const sorted = order.map((severity) => findings.filter((finding) => finding.severity === severity))
  const [problems = [], warnings = [], unknowns = [], oks = []] = sorted
  const blocks = [...problems, ...warnings].flatMap((finding) => [...findingLines(finding, options), ''])
  const rest = [...unknowns, ...oks].flatMap((finding) => findingLines(finding, options))
  return [...blocks, ...rest, '', verdict({ problems, warnings }, options.style)]
}

function verdict(
  { problems, warnings }: Record<'problems' | 'warnings', readonly CheckedFinding[]>,
  style: Style,
): string {
  const counts = [
    ...(problems.length > 0 ? [style.red(formatCounted(problems.length, 'problem'))] : []),
    ...(warnings.length > 0 ? [style.yellow(formatCounted(warnings.length, 'warning'))] : []),
  ]
  return counts.length > 0 ? `${counts.join(', ')}.` : style.green('Nothing here will bite.')
}

function findingLines(finding: CheckedFinding, { width, style }: ReportOptions): string[] {
  const { severity, check, seen, why, mend, commands = [] } = finding
  const room = width - indent.length
  const paint = { problem: style.red, warning: style.yellow, unknown: style.cyan, ok: style.green }[severity]
  const [first = '', ...more] = wrap(`${check}: ${escapeControls(seen)}`, '', room)
  // In a narrow terminal it stands alone in its line.
  const head = first.startsWith(`${check}:`) ? style.bold(`${check}:`) + first.slice(check.length + 1) : first
  const text = (words: string): string[] => wrap(escapeControls(words), indent, room)
  return [
    `${paint(severity)}${' '.repeat(indent.length - severity.length)}${head}`,
    ...more.map((line) => indent + line),
    ...(why === undefined ? [] : text(why).map((line) => style.dim(line))),
    ...(mend === undefined ? [] : text(`→ ${mend}`)),
    // Whole, however long: they are there to be copied.
    ...commands.map((command) => `${indent}${style.cyan(`$ ${escapeControls(command)}`)}`),
  ]
}
