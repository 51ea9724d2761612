import { z } from 'zod'
import { formatCount } from '../../../../admin/quantities.ts'
import { named, ok, quoted } from '../../finding.ts'
import type { Finding } from '../../finding.ts'
import type { SinkContact } from '../../subject.ts'
import { checkOfSinks } from '../check-of-sinks.ts'
import { askCluster, targetOf } from './ask-cluster.ts'

const settings = z.record(
  z.string(),
  z.looseObject({ settings: z.record(z.string(), z.unknown()).default({}) }),
)
interface Mapping {
  readonly properties?: Readonly<Record<string, Mapping>> | undefined
  readonly fields?: Readonly<Record<string, Mapping>> | undefined
}
const mapping: z.ZodType<Mapping> = z.lazy(() =>
  z.looseObject({
    properties: z.record(z.string(), mapping).optional(),
    fields: z.record(z.string(), mapping).optional(),
  }),
)
const mappings = z.record(z.string(), z.looseObject({ mappings: mapping }))

const fieldLimit = 'index.mapping.total_fields.limit'
/** Elasticsearch's own. */
const usualFieldLimit = 1000

/** What the indices that are written to say: blocks, and how many fields they still take. */
export const indicesCheck = checkOfSinks('indices', ['elasticsearch'], lookAt)

async function lookAt(sink: SinkContact): Promise<Finding[]> {
  const target = encodeURIComponent(targetOf(sink)).replaceAll('%2A', '*')
  const path = `/${target}/_settings/index.blocks*,${fieldLimit}?flat_settings=true&ignore_unavailable=true&allow_no_indices=true`
  const [ownSettings, all] = await Promise.all([
    askCluster(sink, { path }, settings),
    askCluster(sink, { path: `/${target}/_mapping?ignore_unavailable=true&allow_no_indices=true` }, mappings),
  ])
  // Who may only write may not see this, and that is how it should be.
  if (typeof ownSettings === 'string' || typeof all === 'string') return []
  const names = Object.keys(all).sort()
  if (names.length === 0)
    return [ok(`${sink.name}: no index ${targetOf(sink)} yet; it is made with the first event`)]
  return [
    ...blocks(sink, ownSettings, names.at(-1)!),
    ...fields(sink, names.at(-1)!, { all, settings: ownSettings }),
  ]
}

type Settings = z.infer<typeof settings>

const hasBlock = (found: Settings, index: string, block: RegExp): boolean =>
  Object.entries(found[index]?.settings ?? {}).some(
    ([key, value]) => block.test(key) && String(value) === 'true',
  )

/** Old ones are closed for writing on purpose; only the newest, and what a full disk has closed, keeps events waiting. */
function blocks({ name }: SinkContact, found: Settings, newest: string): Finding[] {
  const blocked = Object.keys(found)
    .filter(
      (index) =>
        hasBlock(found, index, /^index\.blocks\.read_only_allow_delete$/) ||
        (index === newest && hasBlock(found, index, /^index\.blocks\.(?:write|read_only)$/)),
    )
    .sort()
  if (blocked.length === 0) return []
  return [
    {
      severity: 'problem',
      seen: `${name}: read-only: ${named(blocked.toReversed())}`,
      why: 'Events for it wait until the block is gone (`blocked`), and those behind them too. A full disk makes such blocks, and takes them back once there is room.',
      commands: [
        `curl -s -X PUT "$ES"/${quoted(blocked.at(-1)!)}/_settings -H 'Content-Type: application/json' -d '{"index.blocks.write":null,"index.blocks.read_only":null,"index.blocks.read_only_allow_delete":null}'`,
      ],
    },
  ]
}

/** Of the newest index: older ones get no events any more. */
function fields(
  { name }: SinkContact,
  index: string,
  found: { readonly all: z.infer<typeof mappings>; readonly settings: Settings },
): Finding[] {
  const count = countFields(found.all[index]!.mappings)
  const limit = Number(found.settings[index]?.settings[fieldLimit] ?? usualFieldLimit)
  const seen = `${name}: ${index} has ${formatCount(count)} of ${formatCount(limit)} fields (${fieldLimit})`
  if (count < limit * 0.8) return [ok(seen)]
  return [
    {
      severity: count >= limit ? 'problem' : 'warning',
      seen,
      why: 'An event with one field more than the limit is refused for good and becomes a dead letter (`mapping`).',
      mend: 'Find who writes keys that are data (ids as keys), map that object as `flattened` in the index template, or raise the limit there.',
      commands: [
        `curl -s -X PUT "$ES"/${quoted(index)}/_settings -H 'Content-Type: application/json' -d '{"${fieldLimit}":${limit * 2}}'`,
      ],
    },
  ]
}

/** As the server counts: objects and further forms of a field are fields too. */
function countFields(found: Mapping): number {
  const below = [...Object.values(found.properties ?? {}), ...Object.values(found.fields ?? {})]
  return below.reduce((sum, one) => sum + 1 + countFields(one), 0)
}
