import { formatCount } from '../admin/quantities.ts'
import type { Clock } from '../core/clock.ts'
import type { AgentView } from '../telemetry/view.ts'

/**
 * One line for `systemctl status`, which everybody on the host may call: no paths, no texts of servers, no events. Each call
 * tells the rate since the one before.
 */
export function serviceStatus(view: AgentView, clock: Clock): () => string {
  const readEvents = (): number => view.sources().reduce((sum, { counts }) => sum + counts.readEvents, 0)
  let last = { at: clock.monotonic(), events: readEvents() }
  return () => {
    const now = { at: clock.monotonic(), events: readEvents() }
    const seconds = (now.at - last.at) / 1000
    const rate = seconds > 0 ? Math.max(0, now.events - last.events) / seconds : 0
    last = now
    const read = `${formatCount(rate)} events/s, ${formatCount(now.events)} read`
    return [troubleOf(view), read, ...view.sinks().map(sinkText)].filter((part) => part !== '').join('; ')
  }
}

function troubleOf(view: AgentView): string {
  if (view.readerFailure !== undefined) return 'READING HAS DIED, a restart is needed'
  if (!view.dataDirWritable) return 'data_dir cannot be written'
  const { state, heldBy } = view.buffer()
  if (state === 'ok') return ''
  return `buffer ${state.replace('_', ' ')}${heldBy.length > 0 ? ` (held by ${heldBy.join(', ')})` : ''}`
}

function sinkText({ name, state, lagEvents, lagSeconds }: ReturnType<AgentView['sinks']>[number]): string {
  const lag = lagEvents === 0 ? 'no lag' : `lag ${formatCount(lagEvents)} events, ${lagSeconds.toFixed(1)} s`
  return `${name} ${state}, ${lag}`
}
