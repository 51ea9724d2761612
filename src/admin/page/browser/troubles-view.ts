import type { PageState, Trouble } from './agent-state.ts'
import { byId, element, setText } from './elements.ts'
import { dayAndTime, formatCount } from './formats.ts'

let shown = ''

/** Warnings and errors of the agent's log since its start, each kind once. */
export function showTroubles({ troubles, troubles_total: total, access }: PageState): void {
  const hidden = `${formatCount(total)} kinds since the start. Their texts are shown on the agent's own host, or with the token.`
  const note = total === 0 ? 'None since the agent has started.' : access.paths ? '' : hidden
  setText(byId('errors-note'), note)
  const now = JSON.stringify(troubles)
  // Whoever reads or selects a text is not disturbed.
  if (now === shown) return
  shown = now
  byId('error-list').replaceChildren(...troubles.map(itemOf))
}

function itemOf({ level, message, count, first, last, fields }: Trouble): HTMLElement {
  const times = count === 1 ? '' : `${formatCount(count)} times since ${dayAndTime(first)}`
  const details = Object.entries(fields).map(([name, text]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, text)),
  )
  return element(
    'li',
    {},
    element('time', { datetime: new Date(last).toISOString() }, dayAndTime(last)),
    element('span', { class: `badge ${level === 'error' ? 'bad' : 'warn'}` }, level),
    element('span', { class: 'message' }, message),
    element('span', { class: 'dim' }, times),
    ...(details.length > 0 ? [element('dl', {}, ...details)] : []),
  )
}
