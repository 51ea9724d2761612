import type { SharedMember } from '../core/chunk.ts'
import type { ContainerFacts } from '../core/containers.ts'
import { constantFieldProblem } from './agent-paths.ts'
import { hostMembers } from './host.ts'
import type { HostEnrichment, HostInfo } from './host.ts'
import { kubernetesMembers } from './kubernetes.ts'

export type ConstantFields = Readonly<Record<string, string | number | boolean | null>>

export interface EnrichOptions {
  readonly host: HostEnrichment
  readonly trace: boolean
  /** Fields from the path of a container's log. */
  readonly kubernetes: boolean
  readonly fields: ConstantFields
}

/** The file whose events they are. */
export interface FileOfMembers {
  readonly path: string
  /** What is known of the container beyond the path. */
  readonly container?: Pick<ContainerFacts, 'members'> | undefined
}

/**
 * The members of every event of one file generation: host and path first, then kubernetes.*, then constant fields,
 * of which the source's win over those of `enrich` and both over ours of the same name.
 */
export function sharedMembers(
  { path, container }: FileOfMembers,
  host: HostInfo,
  enrich: EnrichOptions,
  fields: ConstantFields,
): SharedMember[] {
  const [name, ...otherHost] = hostMembers(host, enrich.host)
  const members = new Map<string, string>()
  const add = (member: SharedMember): void => void members.set(member.name, member.json)
  if (name) add(name)
  if (path !== '') add({ name: 'log.file.path', json: JSON.stringify(path) })
  otherHost.forEach(add)
  if (enrich.kubernetes) kubernetesMembers(path).forEach(add)
  container?.members.forEach(add)
  for (const [field, value] of Object.entries({ ...enrich.fields, ...fields })) {
    add({ name: freeName(field), json: JSON.stringify(value) })
  }
  return [...members].map(([key, json]) => ({ name: key, json }))
}

/** The config refuses these names; one that slips through must not make two members of one name in a document. */
function freeName(field: string): string {
  return constantFieldProblem(field) === undefined ? field : `${field.replaceAll('.', '_')}_original`
}
