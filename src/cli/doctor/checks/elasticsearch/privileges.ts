import { z } from 'zod'
import { named, ok } from '../../finding.ts'
import type { Finding } from '../../finding.ts'
import type { SinkContact } from '../../subject.ts'
import { checkOfSinks } from '../check-of-sinks.ts'
import { askCluster, targetOf } from './ask-cluster.ts'

const answer = z.looseObject({
  username: z.string(),
  has_all_requested: z.boolean(),
  index: z.record(z.string(), z.record(z.string(), z.boolean())),
})

/** Whether these credentials may do what the sink does. Clusters without security, and OpenSearch, do not tell. */
export const privilegesCheck = checkOfSinks('privileges', ['elasticsearch'], lookAt)

async function lookAt(sink: SinkContact): Promise<Finding[]> {
  const { name, config } = sink
  const target = targetOf(sink)
  const write = config['op'] === 'index' ? 'index' : 'create_doc'
  const body = { index: [{ names: [target], privileges: [write, 'auto_configure'] }] }
  const told = await askCluster(sink, { path: '/_security/user/_has_privileges', body }, answer)
  if (typeof told === 'string') return []
  const missing = Object.entries(told.index[target] ?? {}).flatMap(([privilege, has]) =>
    has ? [] : [privilege],
  )
  if (missing.length === 0) return [ok(`${name}: may write ${target}`)]
  const isWrite = missing.includes(write)
  const role = `"names": [${JSON.stringify(target)}], "privileges": ["${write}", "auto_configure"]`
  return [
    {
      severity: isWrite ? 'problem' : 'warning',
      seen: `${name}: these credentials lack ${named(missing)} for ${target}`,
      why: isWrite
        ? 'Every event is refused with 403 and waits (`forbidden`).'
        : 'Indices and fields that are not there yet cannot be made by the first event that needs them: make templates, indices and mappings by hand.',
      mend: `A role with ${role} (docs/elasticsearch.md, Logging in).`,
    },
  ]
}
