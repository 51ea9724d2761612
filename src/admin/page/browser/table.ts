import { element, setText } from './elements.ts'

export interface Column<Row> {
  readonly head: string
  readonly text: (row: Row) => string
  readonly isNumber?: boolean
  /** Left out where the screen is narrow. */
  readonly isExtra?: boolean
  /** A class for a cell that needs attention: `bad`, `warn`, `ok`. */
  readonly tone?: (row: Row) => string
  /** May be broken anywhere: a path. */
  readonly isLong?: boolean
  /** Sentences: most of the width is theirs. */
  readonly isText?: boolean
}

export interface TableOptions<Row> {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  /** Instead of an empty table. */
  readonly empty: string
}

/** A table whose cells are changed in place, in a region that scrolls sideways where it must, by keyboard too. */
export class Table<Row> {
  readonly root: HTMLElement
  readonly #options: TableOptions<Row>
  readonly #body = element('tbody')
  readonly #empty: HTMLElement
  readonly #scroll: HTMLElement

  constructor(options: TableOptions<Row>) {
    this.#options = options
    const heads = options.columns.map((column) =>
      element('th', { scope: 'col', class: classOf(column) }, column.head),
    )
    const table = element('table', {}, element('thead', {}, element('tr', {}, ...heads)), this.#body)
    this.#scroll = element(
      'div',
      { class: 'scroll', role: 'region', 'aria-label': `Table: ${options.caption}`, tabindex: '0' },
      table,
    )
    this.#empty = element('p', { class: 'dim' }, options.empty)
    this.root = element('div', {}, this.#scroll, this.#empty)
    this.show([])
  }

  show(rows: readonly Row[]): void {
    this.#scroll.hidden = rows.length === 0
    this.#empty.hidden = rows.length > 0
    while (this.#body.rows.length > rows.length) this.#body.deleteRow(-1)
    for (const [index, row] of rows.entries())
      this.#fill(this.#body.rows[index] ?? this.#body.insertRow(), row)
  }

  #fill(line: HTMLTableRowElement, row: Row): void {
    for (const [index, column] of this.#options.columns.entries()) {
      const cell = line.cells[index] ?? line.insertCell()
      setText(cell, column.text(row))
      const classes = `${classOf(column)} ${column.tone?.(row) ?? ''}`.trim()
      if (cell.className !== classes) cell.className = classes
    }
  }
}

function classOf<Row>({ isNumber, isExtra, isLong, isText }: Column<Row>): string {
  const classes = { number: isNumber, extra: isExtra, long: isLong, text: isText }
  return Object.entries(classes)
    .filter(([, is]) => is)
    .map(([name]) => name)
    .join(' ')
}
