import type { DeadLetters, Letter, LetterGroup, PageState } from './agent-state.ts'
import { askJson } from './ask.ts'
import { byId, element, setText } from './elements.ts'
import { dayAndTime, formatCount } from './formats.ts'
import { Table } from './table.ts'
import { eventText } from './tail-lines.ts'
import type { Column } from './table.ts'

const columns: readonly Column<LetterGroup>[] = [
  { head: 'Sink', text: ({ sink }) => sink },
  { head: 'Source', text: ({ source }) => source, isExtra: true },
  { head: 'Reason', text: ({ reason }) => reason, tone: () => 'warn' },
  { head: 'Field', text: ({ field }) => field },
  { head: 'Letters', text: ({ letters }) => formatCount(letters), isNumber: true },
  { head: 'Newest', text: ({ last }) => dayAndTime(Date.parse(last)), isNumber: true },
  { head: 'What to do', text: ({ advice }) => advice, isText: true },
]

/** The agent reads files for an answer: it is asked when the counts have changed, and not more often than this. */
const restMs = 10_000

/** Dead letters: how many there are for everybody, groups and contents for who has the token. */
export class LettersView {
  readonly #groups = new Table({ caption: 'Dead letters', columns, empty: '' })
  #stored = ''
  #askedMs = -restMs

  constructor() {
    byId('letter-groups').append(this.#groups.root)
  }

  show({ status, access }: PageState): void {
    const stored = Object.entries(status.sinks).map(
      ([name, sink]) => [name, sink.dead_letters_stored] as const,
    )
    const total = stored.reduce((sum, [, count]) => sum + count, 0)
    if (!access.contents || total === 0) {
      const each = stored
        .filter(([, count]) => count > 0)
        .map(([name, count]) => `${name} ${formatCount(count)}`)
      this.#nothing(
        total === 0 ? 'None.' : `Stored: ${each.join(', ')}. Reasons and contents are hidden: see above.`,
      )
      return
    }
    const now = JSON.stringify(stored)
    if (now === this.#stored || performance.now() - this.#askedMs < restMs) return
    this.#askedMs = performance.now()
    void this.#ask(now, total)
  }

  async #ask(stored: string, total: number): Promise<void> {
    try {
      const found = await askJson<DeadLetters>('/dead-letters')
      this.#stored = stored
      const scope = found.is_all ? '' : ` Looked at: the newest ${formatCount(found.looked_at)}.`
      const all = [element('code', {}, 'logferry dlq ls'), ' and ', element('code', {}, 'dlq show')]
      byId('letters-note').replaceChildren(`${formatCount(total)} stored.${scope} All of them: `, ...all)
      this.#groups.show(found.groups)
      byId('letter-list').replaceChildren(...found.letters.map(detailsOf))
    } catch {
      setText(byId('letters-note'), 'They could not be read just now; trying again.')
    }
  }

  #nothing(note: string): void {
    this.#stored = ''
    setText(byId('letters-note'), note)
    this.#groups.show([])
    byId('letter-list').replaceChildren()
  }
}

function detailsOf(letter: Letter): HTMLElement {
  const { time, sink, source, reason, status, type, text, attempts, origin, event } = letter
  const said = type === '' || text.startsWith(type) ? text : `${type}: ${text}`
  const more = event.hidden_chars > 0 ? `\n… ${formatCount(event.hidden_chars)} characters more` : ''
  const rows = [
    ['server', status === 0 ? said : `${status} ${said}`],
    ['from', origin.path === '' ? source : `${origin.path}, bytes ${origin.from} to ${origin.to}`],
    ['sent', `${attempts} ${attempts === 1 ? 'time' : 'times'} as ${event.target}`],
  ] as const
  return element(
    'details',
    {},
    element(
      'summary',
      {},
      element('time', { datetime: time }, dayAndTime(Date.parse(time))),
      ` ${sink} `,
      element('b', { class: 'warn-text' }, reason),
      element('span', { class: 'dim' }, ` ${eventText(event.body).slice(0, 200)}`),
    ),
    element(
      'dl',
      {},
      ...rows.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
    ),
    element(
      'pre',
      { tabindex: '0', role: 'region', 'aria-label': 'The event as it was sent' },
      event.body + more,
    ),
  )
}
