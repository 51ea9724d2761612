import { z } from 'zod'
import { formatBytes, formatCount, formatCounted, formatDuration } from '../../../../admin/quantities.ts'
import { systemErrorCode } from '../../../../core/file-system.ts'
import { ok, unknown } from '../../finding.ts'
import type { Finding } from '../../finding.ts'
import type { SinkContact, Subject } from '../../subject.ts'
import { checkOfSinks } from '../check-of-sinks.ts'
import { parseLimits } from './parse-limits.ts'
import type { LokiLimits } from './parse-limits.ts'

const sinkConfig = z.looseObject({
  labels: z.record(z.string(), z.string()),
  structured_metadata: z.array(z.string()),
  late: z.string(),
  batch: z.looseObject({ max_bytes: z.number() }),
  label_limits: z.looseObject({ max_streams: z.number() }),
})
type LokiSinkConfig = z.infer<typeof sinkConfig>

interface Looked {
  readonly name: string
  readonly config: LokiSinkConfig
  readonly limits: LokiLimits
}

/** `limits_config`, as Loki shows it at /config: those for everybody, as a tenant's own stand elsewhere. */
export const lokiLimitsCheck = checkOfSinks('loki limits', ['loki'], lookAt)

async function lookAt(sink: SinkContact, subject: Subject): Promise<Finding[]> {
  const answer = await sink.ask({ path: '/config' }).catch(() => undefined)
  if (!answer) return []
  const limits = answer.status === 200 ? parseLimits(answer.text) : undefined
  if (!limits || limits.size === 0)
    return [
      unknown(
        `${sink.name}: its limits are not shown (${answer.status} at /config); docs/loki.md lists those that are met first`,
      ),
    ]
  const looked: Looked = { name: sink.name, config: sinkConfig.parse(sink.config), limits }
  const findings = [
    ...rates(looked),
    ...streams(looked),
    ...metadata(looked),
    ...lines(looked, subject),
    ...(await ages(looked, subject)),
  ]
  if (findings.length > 0) return findings
  return [
    ok(
      `${sink.name}: nothing in this config meets a limit of Loki (limits of a single tenant are not shown)`,
    ),
  ]
}

const tenantNote = 'in limits_config of Loki, or for the tenant alone in its overrides'

function rates({ name, config, limits }: Looked): Finding[] {
  const [rate, burst] = [limits.number('ingestion_rate_mb'), limits.number('ingestion_burst_size_mb')]
  const perStream = limits.bytes('per_stream_rate_limit_burst')
  const findings: Finding[] = []
  const body = config.batch.max_bytes
  if (burst !== undefined && body > burst * 1024 ** 2)
    findings.push({
      severity: 'problem',
      seen: `${name}: batch.max_bytes ${formatBytes(body)} is above Loki's ingestion_burst_size_mb ${burst}`,
      why: 'A push above the burst gets 429 however long one waits; it is halved at its third one, each time anew.',
      mend: `"sinks.${name}.batch": { "max_bytes": "${Math.max(1, Math.floor(burst))}MiB" }, or a larger burst ${tenantNote}.`,
    })
  if (perStream !== undefined && body > perStream)
    findings.push({
      severity: 'warning',
      seen: `${name}: batch.max_bytes ${formatBytes(body)} is above Loki's per_stream_rate_limit_burst ${formatBytes(perStream)}`,
      why: 'A push carries one stream: what is beyond the burst is refused and sent again.',
      mend: `A smaller batch, or a larger burst ${tenantNote}.`,
    })
  if (rate !== undefined && rate <= 1)
    findings.push({
      severity: 'warning',
      seen: `${name}: Loki takes ${rate} MB/s of all agents together (ingestion_rate_mb)`,
      why: 'Above that it answers 429: everything waits and slows down, after an outage for long.',
      mend: `Raise ingestion_rate_mb ${tenantNote}.`,
    })
  return findings
}

function streams({ name, config, limits }: Looked): Finding[] {
  const findings: Finding[] = []
  const most = limits.number('max_global_streams_per_user')
  if (most !== undefined && most > 0 && config.label_limits.max_streams > most)
    findings.push({
      severity: 'warning',
      seen: `${name}: label_limits.max_streams ${formatCount(config.label_limits.max_streams)} is above Loki's max_global_streams_per_user ${formatCount(most)}`,
      why: 'Loki refuses new streams (429) before the agent takes a label away; they are tried again for ever.',
      mend: `"sinks.${name}.label_limits": { "max_streams": ${Math.floor(most / 2)} }, less with several agents.`,
    })
  const labels = Object.keys(config.labels).length + (config.late === 'relabel' ? 1 : 0)
  const mostLabels = limits.number('max_label_names_per_series')
  if (mostLabels !== undefined && labels > mostLabels)
    findings.push({
      severity: 'problem',
      seen: `${name}: ${labels} labels${config.late === 'relabel' ? ' (with "backlog" for late entries)' : ''}, and Loki takes ${mostLabels} (max_label_names_per_series)`,
      why: 'A stream with more is refused for good: dead letters (`labels`).',
      mend: `Move some of "sinks.${name}.labels" to "structured_metadata".`,
    })
  return findings
}

function metadata({ name, config, limits }: Looked): Finding[] {
  const names = config.structured_metadata.length
  if (names === 0) return []
  const most = limits.number('max_structured_metadata_entries_count')
  if (limits.get('allow_structured_metadata') === 'false')
    return [
      {
        severity: 'problem',
        seen: `${name}: Loki has allow_structured_metadata: false, and the sink sends ${names} fields as such`,
        why: 'Every push with structured metadata is refused for good: dead letters.',
        mend: `"sinks.${name}.structured_metadata": [], or allow it ${tenantNote} (schema v13 with tsdb).`,
      },
    ]
  if (most === undefined || names <= most) return []
  return [
    {
      severity: 'warning',
      seen: `${name}: ${names} names in structured_metadata, and Loki takes ${most} (max_structured_metadata_entries_count)`,
      why: 'Entries with more are refused for good: dead letters.',
      mend: `Fewer names in "sinks.${name}.structured_metadata".`,
    },
  ]
}

function lines({ name, limits }: Looked, { loaded }: Subject): Finding[] {
  const most = limits.bytes('max_line_size')
  if (most === undefined || most === 0) return []
  const longer = Object.entries(loaded.config.sources).filter(([, { max_line_bytes: own }]) => own > most)
  if (longer.length === 0) return []
  const names = longer.map(([source]) => `sources.${source}`).join(', ')
  const isTruncating = limits.get('max_line_size_truncate') === 'true'
  return [
    {
      severity: 'warning',
      seen: `${name}: lines of ${names} may be longer than Loki's max_line_size ${formatBytes(most)}`,
      why: isTruncating
        ? 'Loki cuts them, without a flag.'
        : most < 256 * 1024
          ? 'Loki refuses longer ones for good: dead letters (`too_large`).'
          : 'The agent cuts them at 256 KiB for Loki, flagged `truncated`.',
      mend: `"sources.${longer[0]![0]}.max_line_bytes": ${most}, or a larger max_line_size ${tenantNote}.`,
    },
  ]
}

/** Files with lines that Loki would not take any more. */
async function ages({ name, limits }: Looked, { host, loaded, survey }: Subject): Promise<Finding[]> {
  const most = limits.duration('reject_old_samples_max_age')
  if (most === undefined || limits.get('reject_old_samples') === 'false') return []
  // What an agent that has run already has read is not sent again.
  const buffer = await host.fileSystem.stat(`${loaded.config.data_dir}/buffer`).catch(systemErrorCode)
  // Where it may not be looked at, it is there.
  if (buffer !== 'ENOENT' && buffer !== 'ENOTDIR') return []
  const old = (await survey()).sources
    .filter(({ config }) => config.start_at === 'beginning')
    .flatMap(({ files }) =>
      files.filter(({ stat, packed }) => packed === undefined && host.nowMs() - stat.mtimeMs > most),
    )
  const [first] = old
  if (!first) return []
  const settings = `"start_at": "end", or "ignore_older": "${Math.round(most / 3600e3)}h"`
  return [
    {
      severity: 'warning',
      seen: `${name}: ${formatCounted(old.length, 'file')} last written over ${formatDuration(most)} ago, and Loki refuses what is older (reject_old_samples_max_age)`,
      why: `Their lines become dead letters (\`too_old\`), those of ${first.path} for one.`,
      mend: `"sources.${first.source}": ${settings}; or a longer age ${tenantNote}.`,
    },
  ]
}
