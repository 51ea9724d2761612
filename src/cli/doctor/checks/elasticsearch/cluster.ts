import { z } from 'zod'
import { formatBytes, formatCount } from '../../../../admin/quantities.ts'
import { ok, unknown } from '../../finding.ts'
import type { Finding } from '../../finding.ts'
import type { SinkContact } from '../../subject.ts'
import { checkOfSinks } from '../check-of-sinks.ts'
import { askCluster, noAnswer } from './ask-cluster.ts'

const settingValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).transform(String)
const settings = z.looseObject({
  persistent: z.record(z.string(), settingValue).optional(),
  transient: z.record(z.string(), settingValue).optional(),
  defaults: z.record(z.string(), settingValue).optional(),
})
const health = z.looseObject({
  status: z.string(),
  number_of_data_nodes: z.number(),
  active_shards: z.number(),
  unassigned_shards: z.number(),
})
const allocation = z.array(
  z.looseObject({
    node: z.string().nullish(),
    'disk.percent': z.string().nullish(),
    'disk.avail': z.string().nullish(),
    'disk.total': z.string().nullish(),
  }),
)
const nodes = z.looseObject({
  nodes: z.record(
    z.string(),
    z.looseObject({ http: z.looseObject({ max_content_length_in_bytes: z.number() }).optional() }),
  ),
})

/** Limits of a cluster that stop the writing into it altogether. */
export const clusterCheck = checkOfSinks('cluster', ['elasticsearch'], lookAt)

async function lookAt(sink: SinkContact): Promise<Finding[]> {
  // A name of a setting is one key here, dots and all: a path with dots would find nothing.
  const path = '/_cluster/settings?include_defaults=true&flat_settings=true&filter_path=*.cluster*'
  const [told, state, disks, bodies] = await Promise.all([
    askCluster(sink, { path }, settings),
    askCluster(sink, { path: '/_cluster/health' }, health),
    askCluster(
      sink,
      { path: '/_cat/allocation?format=json&bytes=b&h=node,disk.percent,disk.avail,disk.total' },
      allocation,
    ),
    askCluster(sink, { path: '/_nodes/http?filter_path=nodes.*.http.max_content_length_in_bytes' }, nodes),
  ])
  // One that cannot be reached is a finding of its own.
  if ([told, state, disks, bodies].every((answer) => answer === noAnswer)) return []
  const values =
    typeof told === 'string'
      ? new Map<string, string>()
      : new Map(Object.entries({ ...told.defaults, ...told.persistent, ...told.transient }))
  const refused = Object.entries({ settings: told, health: state, disks, nodes: bodies })
    .filter(([, answer]) => typeof answer === 'string')
    .map(([what]) => what)
  return [
    ...(typeof state === 'string' ? [] : [...colour(sink.name, state), ...shards(sink.name, state, values)]),
    ...(typeof disks === 'string' ? [] : watermarks(sink.name, disks, values)),
    ...(typeof bodies === 'string' ? [] : bodySize(sink, bodies)),
    ...(refused.length > 0
      ? [
          unknown(
            `${sink.name}: ${refused.join(', ')} not looked at: these credentials may not (privilege "monitor"), or the server does not tell`,
          ),
        ]
      : []),
  ]
}

function colour(name: string, { status }: z.infer<typeof health>): Finding[] {
  if (status !== 'red') return []
  return [
    {
      severity: 'warning',
      seen: `the cluster of ${name} is red`,
      why: 'Some index has a part that no node holds: what goes there is refused and waits.',
      commands: ['curl -s "$ES/_cluster/allocation/explain"'],
    },
  ]
}

function shards(name: string, state: z.infer<typeof health>, values: ReadonlyMap<string, string>): Finding[] {
  const each = Number(values.get('cluster.max_shards_per_node') ?? 1000)
  const most = each * state.number_of_data_nodes
  const used = state.active_shards + state.unassigned_shards
  const seen = `${name}: ${formatCount(used)} of ${formatCount(most)} shards (cluster.max_shards_per_node ${each})`
  if (used < most * 0.9) return [ok(seen)]
  return [
    {
      severity: used >= most ? 'problem' : 'warning',
      seen,
      why: 'At the limit no index can be made any more: with one a day, shipping stops at midnight (UTC) and holds (`shard_limit`).',
      mend: 'Delete old indices, make larger ones ("index": "app-logs-%Y.%m", or a data stream), or take replicas away.',
      commands: ['curl -s "$ES/_cat/indices?h=index,pri,rep,creation.date.string&s=creation.date"'],
    },
  ]
}

/** As a share of the disk in use; a watermark in bytes is what must stay free. */
function isOver(watermark: string, disk: { percent: number; availBytes: number }): boolean {
  const [, number = '', unit = ''] = /^([\d.]+)([a-z%]*)$/i.exec(watermark.trim()) ?? []
  if (number === '') return false
  if (unit === '%') return disk.percent >= Number(number)
  if (unit === '' && Number(number) <= 1) return disk.percent >= Number(number) * 100
  const powers: Readonly<Record<string, number>> = { b: 0, kb: 1, mb: 2, gb: 3, tb: 4 }
  return disk.availBytes < Number(number) * 1024 ** (powers[unit.toLowerCase()] ?? 0)
}

function watermarks(
  name: string,
  disks: z.infer<typeof allocation>,
  values: ReadonlyMap<string, string>,
): Finding[] {
  const key = 'cluster.routing.allocation.disk.watermark'
  const levels = [
    { level: 'flood stage', watermark: values.get(`${key}.flood_stage`) ?? '95%' },
    { level: 'high', watermark: values.get(`${key}.high`) ?? '90%' },
    { level: 'low', watermark: values.get(`${key}.low`) ?? '85%' },
  ]
  return disks.flatMap((row): Finding[] => {
    const disk = { percent: Number(row['disk.percent'] ?? NaN), availBytes: Number(row['disk.avail'] ?? NaN) }
    if (Number.isNaN(disk.percent)) return []
    const over = levels.find(({ watermark }) => isOver(watermark, disk))
    const seen = `${name}: disk of node ${row.node} ${disk.percent} % full, ${formatBytes(disk.availBytes)} free`
    if (!over) return [ok(seen)]
    return [
      {
        severity: over.level === 'flood stage' ? 'problem' : 'warning',
        seen: `${seen}: above the ${over.level} watermark (${over.watermark})`,
        why:
          over.level === 'flood stage'
            ? 'The server makes its indices read-only there: events wait (429) until there is room, and it then lifts the block itself.'
            : 'New shards are not put there any more; at the flood stage indices become read-only, and events wait.',
        mend: 'Delete old indices, or give the node more disk.',
      },
    ]
  })
}

function bodySize({ name, config }: SinkContact, answer: z.infer<typeof nodes>): Finding[] {
  const sizes = Object.values(answer.nodes).flatMap(({ http }) =>
    http ? [http.max_content_length_in_bytes] : [],
  )
  const least = Math.min(...sizes)
  const { batch } = z.looseObject({ batch: z.looseObject({ max_bytes: z.number() }) }).parse(config)
  if (sizes.length === 0 || batch.max_bytes <= least) return []
  return [
    {
      severity: 'warning',
      seen: `${name}: batch.max_bytes ${formatBytes(batch.max_bytes)}, and the server takes ${formatBytes(least)} (http.max_content_length)`,
      why: 'A larger body is refused (413), halved and sent again; the size is remembered for ten minutes, then it starts anew.',
      mend: `"sinks.${name}.batch": { "max_bytes": ${least} }.`,
    },
  ]
}
