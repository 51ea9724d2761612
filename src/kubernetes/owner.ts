import { objectsAt, textAt } from './json-reading.ts'
import type { JsonObject } from './json-reading.ts'

/** What people call the thing that a pod belongs to. */
export interface Owner {
  readonly kind: string
  readonly name: string
}

/** The controller of the pod; behind a ReplicaSet the Deployment, behind a scheduled Job the CronJob. Undefined for none. */
export function ownerOf(metadata: JsonObject, labels: JsonObject): Owner | undefined {
  const references = objectsAt(metadata, 'ownerReferences')
  const reference = references.find((one) => one['controller'] === true) ?? references[0]
  if (!reference) return undefined
  const kind = textAt(reference, 'kind')
  const name = textAt(reference, 'name')
  if (kind === '' || name === '') return undefined
  if (kind === 'ReplicaSet') return ofReplicaSet(name, labels)
  if (kind === 'Job') return ofJob(name, Date.parse(textAt(metadata, 'creationTimestamp')))
  return { kind, name }
}

/** The label with the hash that ends the name, and who sets it. A ReplicaSet of somebody's own has none. */
const hashLabels: readonly (readonly [label: string, kind: string])[] = [
  ['pod-template-hash', 'Deployment'],
  ['rollouts-pod-template-hash', 'Rollout'],
]

function ofReplicaSet(name: string, labels: JsonObject): Owner {
  for (const [label, kind] of hashLabels) {
    const hash = textAt(labels, label)
    if (hash !== '' && name.endsWith(`-${hash}`)) return { kind, name: name.slice(0, -hash.length - 1) }
  }
  return { kind: 'ReplicaSet', name }
}

/** The time that a CronJob's Job was to start at, in minutes since 1970, ends its name. It starts late at the worst. */
const mostMinutesLate = 7 * 24 * 60

function ofJob(name: string, createdMs: number): Owner {
  const match = /^(.+)-(\d{8})$/.exec(name)
  const minutesLate = match ? createdMs / 60_000 - Number(match[2]) : Number.NaN
  const isScheduled = minutesLate >= -1 && minutesLate <= mostMinutesLate
  return isScheduled ? { kind: 'CronJob', name: match![1]! } : { kind: 'Job', name }
}
