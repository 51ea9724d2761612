import type { PageState } from './agent-state.ts'
import { byId, element, setText } from './elements.ts'
import { formatBytes, formatCount } from './formats.ts'

const worst = ['unhealthy', 'degraded', 'healthy']
const tones: Readonly<Record<string, string>> = { healthy: 'ok', degraded: 'warn', unhealthy: 'bad' }

let shown = ''

interface Note {
  readonly badge: string
  readonly tone: string
  readonly name: string
  readonly text: string
}

/** The badge, and in words all that somebody may have to do something about, the worst first. */
export function showHealth(state: PageState): void {
  const { health, status } = state
  const badge = byId('health')
  setText(badge, health.status)
  badge.className = `badge ${tones[health.status] ?? ''}`
  document.title = health.status === 'healthy' ? 'logferry' : `${health.status}: logferry`
  setText(byId('version'), status.version)
  const notes = [
    ...componentNotes(state),
    ...sinkNotes(state),
    ...unreadableNotes(state),
    ...lossNotes(state),
  ]
  const fine = Object.values(health.components).filter((part) => part.status === 'healthy').length
  const rest =
    notes.length === 0 ? `Nothing: all ${fine} components are healthy.` : `${fine} components are healthy.`
  // Whoever reads or selects a text is not disturbed.
  const now = JSON.stringify([notes, rest])
  if (now === shown) return
  shown = now
  byId('components').replaceChildren(...notes.map(itemOf), element('li', { class: 'dim' }, rest))
}

function componentNotes({ health }: PageState): Note[] {
  return Object.entries(health.components)
    .filter(([, part]) => part.status !== 'healthy')
    .toSorted(([, a], [, b]) => worst.indexOf(a.status) - worst.indexOf(b.status))
    .map(([name, part]) => ({
      badge: part.status,
      tone: tones[part.status] ?? '',
      name,
      text: part.message,
    }))
}

/** Health waits a minute before it calls a sink degraded: whoever looks now is told now. */
function sinkNotes({ health, status }: PageState): Note[] {
  return Object.entries(status.sinks).flatMap(([name, sink]) => {
    const notes: Note[] = []
    const isSaid = (health.components[`sink.${name}`]?.status ?? 'healthy') !== 'healthy'
    if (sink.state !== 'ok' && !isSaid)
      notes.push({ badge: sink.state, tone: 'warn', name: `sink.${name}`, text: sink.last_error ?? '' })
    const letters = sink.dead_letters_stored
    if (letters > 0)
      notes.push({
        badge: 'dead letters',
        tone: 'warn',
        name: `sink.${name}`,
        text: `refuses ${formatCount(letters)} events for good; they are kept: see below`,
      })
    return notes
  })
}

/** Of each source: what mends one mostly mends all. */
const mostUnreadable = 3

function unreadableNotes({ status }: PageState): Note[] {
  return Object.entries(status.sources).flatMap(([name, { unreadable, unreadable_files: count }]) => {
    if (count === 0) return []
    const texts = unreadable.slice(0, mostUnreadable).map(({ path, reason }) => `${path} ${reason}`)
    const rest = count - texts.length
    if (rest > 0)
      texts.push(`${formatCount(rest)} ${texts.length > 0 ? 'more like that' : 'paths may not be read'}`)
    return [{ badge: 'not read', tone: 'warn', name: `source.${name}`, text: texts.join('; ') }]
  })
}

function lossNotes({ status }: PageState): Note[] {
  return Object.entries(status.ledger).flatMap(([source, { lost_bytes: lost, sinks }]) => [
    ...Object.entries(lost).flatMap(([reason, bytes]) =>
      bytes > 0 ? [{ ...lossOf(source), badge: 'lost', text: `${formatBytes(bytes)} (${reason})` }] : [],
    ),
    ...Object.entries(sinks).flatMap(([sink, { dropped }]) =>
      Object.entries(dropped).flatMap(([reason, count]) =>
        count > 0
          ? [
              {
                ...lossOf(source),
                badge: 'dropped',
                text: `${formatCount(count)} events at ${sink} (${reason})`,
              },
            ]
          : [],
      ),
    ),
  ])
}

const lossOf = (source: string): { readonly tone: string; readonly name: string } => ({
  tone: 'bad',
  name: `source.${source}`,
})

const itemOf = ({ badge, tone, name, text }: Note): HTMLElement =>
  element('li', {}, element('span', { class: `badge ${tone}` }, badge), element('b', {}, name), text)
