import { formatDuration } from '../../../admin/quantities.ts'
import { ok, unknown } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { SinkContact } from '../subject.ts'
import { checkOfSinks } from './check-of-sinks.ts'

/** A `Date` has whole seconds, and the answer was some time on its way. */
const unnoticedMs = 5_000
const bitesMs = 30_000
/** `creation_grace_period` of Loki: what is further ahead is refused for good. */
const refusedMs = 10 * 60_000

/** The host's clock beside those of the sinks' servers. */
export const clockCheck = checkOfSinks('clock', ['elasticsearch', 'loki'], (sink, { host }) =>
  compare(sink, () => host.nowMs()),
)

async function compare(sink: SinkContact, now: () => number): Promise<Finding[]> {
  const isLoki = sink.config.type === 'loki'
  const before = now()
  // One that cannot be reached is a finding of its own.
  const theirs = await serverTime(sink).catch(() => 'unreached' as const)
  const after = now()
  if (theirs === 'unreached') return []
  if (theirs === undefined) return [unknown(`${sink.name} does not tell its time`)]
  // Anywhere between the two; the server cuts its own to the second.
  const skew = before - theirs > 0 ? Math.max(0, before - theirs - 1000) : Math.min(0, after - theirs)
  const size = Math.abs(skew)
  if (size < bitesMs)
    return [
      ok(
        size < unnoticedMs
          ? `like that of ${sink.name}`
          : `${formatDuration(size)} ${skew > 0 ? 'ahead of' : 'behind'} ${sink.name}`,
      ),
    ]
  return [
    {
      severity: isLoki && skew >= refusedMs ? 'problem' : 'warning',
      seen: `this host's clock is ${formatDuration(size)} ${skew > 0 ? 'ahead of' : 'behind'} that of ${sink.name}`,
      why: isLoki
        ? 'Loki refuses for good what is over 10 minutes ahead of its own time (too_new). Times of several hosts cannot be compared, and "the last five minutes" of a dashboard are others.'
        : 'Times of several hosts cannot be compared, and "the last five minutes" of a dashboard are others.',
      mend: 'Let one service set the clock: systemd-timesyncd or chrony, on this host and on the server.',
      commands: ['timedatectl set-ntp true', 'timedatectl timesync-status || chronyc tracking'],
    },
  ]
}

/** By the header that nearly everybody sends, or what Elasticsearch tells of a node, which sends none. */
async function serverTime(sink: SinkContact): Promise<number | undefined> {
  if (sink.config.type === 'loki') return timeOf((await sink.ask({ path: '/ready' })).date)
  const answer = await sink.ask({ path: '/_nodes/_local/stats/http?filter_path=nodes.*.timestamp' })
  const told = /"timestamp":(\d{13})\b/.exec(answer.status === 200 ? answer.text : '')?.[1]
  return told === undefined ? timeOf(answer.date) : Number(told)
}

function timeOf(date: string | undefined): number | undefined {
  const time = Date.parse(date ?? '')
  return Number.isNaN(time) ? undefined : time
}
