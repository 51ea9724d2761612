import { escapeControls } from '../core/terminal-text.ts'
import type { Style } from './io.ts'

export interface Column<Row> {
  readonly head: string
  readonly text: (row: Row) => string
  /** Numbers stand to the right. */
  readonly isNumber?: boolean
  /** Gives way where the table is wider than the terminal: from the front, as paths differ at their end, or from behind. */
  readonly gives?: 'front' | 'end'
  /** How a cell is shown; the width is that of its text. */
  readonly paint?: (text: string, row: Row) => string
}

/** What a column that gives way keeps at least. */
const leastWidth = 12

/** Rows under their heads, as wide as `width` at most if a column gives way. Texts of unknown origin are made safe. */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, style }: { width: number; style: Style },
): string[] {
  const cells = rows.map((row) => columns.map(({ text }) => escapeControls(text(row))))
  const widths = columns.map(({ head }, index) =>
    Math.max(head.length, ...cells.map((row) => row[index]!.length)),
  )
  let excess = widths.reduce((sum, one) => sum + one + 2, -2) - width
  columns.forEach(({ gives, head }, index) => {
    if (gives === undefined || excess <= 0) return
    const kept = Math.max(widths[index]! - excess, head.length, leastWidth)
    if (kept >= widths[index]!) return
    excess -= widths[index]! - kept
    widths[index] = kept
  })
  const line = (texts: readonly string[], paint: (text: string, index: number) => string): string =>
    texts
      .map((text, index) => {
        const { isNumber, gives } = columns[index]!
        const cut = shortened(text, widths[index]!, gives)
        const padding = ' '.repeat(widths[index]! - cut.length)
        return isNumber === true ? padding + paint(cut, index) : paint(cut, index) + padding
      })
      .join('  ')
      .trimEnd()
  return [
    line(
      columns.map(({ head }) => head),
      (text) => style.dim(text),
    ),
    ...cells.map((row, at) => line(row, (text, index) => columns[index]!.paint?.(text, rows[at]!) ?? text)),
  ]
}

function shortened(text: string, width: number, gives: 'front' | 'end' | undefined): string {
  if (text.length <= width || gives === undefined) return text
  return gives === 'front' ? `…${text.slice(text.length - width + 1)}` : `${text.slice(0, width - 1)}…`
}
