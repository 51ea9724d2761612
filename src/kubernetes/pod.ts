import type { SharedMember } from '../core/chunk.ts'
import { fieldName } from './field-name.ts'
import type { ContainerFacts } from '../core/containers.ts'
import { limits } from '../core/limits.ts'
import { podWishes } from './annotations.ts'
import { objectAt, textAt } from './json-reading.ts'
import type { JsonObject } from './json-reading.ts'
import { ownerOf } from './owner.ts'
import type { KubernetesSettings } from './settings.ts'

export interface PodContext extends Pick<KubernetesSettings, 'labels' | 'annotations'> {
  readonly node: string
  /** Parsers that an annotation may name. */
  readonly parsers: readonly string[]
}

/** What is kept of a pod. */
export interface Pod {
  readonly uid: string
  /** `NAMESPACE/NAME`. */
  readonly name: string
  /** All by which a path may mean it: its uid, its name, and the hash that stands for the uid of a static pod. */
  readonly keys: readonly string[]
  /** All that is known, as one text: equal for pods of which there is nothing new. */
  readonly text: string
  /** About annotations that ask for nothing. */
  readonly warnings: readonly string[]
  /** The same object for the same container each time. */
  container(name: string): ContainerFacts
}

/** A static pod's log carries the hash of its manifest for a uid; the API knows its mirror, which is annotated with it. */
const hashAnnotation = 'kubernetes.io/config.hash'

/** Undefined for what is no pod. */
export function podOf(object: JsonObject, context: PodContext): Pod | undefined {
  const metadata = objectAt(object, 'metadata')
  const [uid, namespace, podName] = ['uid', 'namespace', 'name'].map((key) => textAt(metadata, key))
  if (!uid || !namespace || !podName) return undefined
  const annotations = objectAt(metadata, 'annotations')
  const hash = textAt(annotations, hashAnnotation)
  const wishes = podWishes(annotations, context.parsers)
  const members = membersOf(metadata, context)
  const own = Object.entries(annotations).filter(([key]) => key.startsWith('logferry.io/'))
  const containers = new Map<string, ContainerFacts>()
  const name = podKey(namespace, podName)
  return {
    uid,
    name,
    keys: [uid, name, ...(hash === '' ? [] : [hash])],
    text: JSON.stringify([members, own]),
    warnings: wishes.warnings,
    container(containerName) {
      const facts = containers.get(containerName) ?? { members, ...wishes.of(containerName) }
      containers.set(containerName, facts)
      return facts
    },
  }
}

export const podKey = (namespace: string, name: string): string => `${namespace}/${name}`

/** Fields of every event: node, owner, labels, annotations. */
function membersOf(metadata: JsonObject, context: PodContext): SharedMember[] {
  const labels = objectAt(metadata, 'labels')
  const owner = ownerOf(metadata, labels)
  const fields = new Map([['kubernetes.node.name', context.node]])
  if (owner) fields.set('kubernetes.owner.kind', owner.kind).set('kubernetes.owner.name', owner.name)
  addWanted(fields, 'kubernetes.labels', labels, context.labels)
  addWanted(fields, 'kubernetes.annotations', objectAt(metadata, 'annotations'), context.annotations)
  return [...fields].map(([name, value]) => ({ name, json: JSON.stringify(value) }))
}

function addWanted(
  fields: Map<string, string>,
  path: string,
  values: JsonObject,
  wanted: readonly string[],
): void {
  for (const key of wanted) {
    const value = textAt(values, key)
    if (value !== '' && value.length <= limits.annotationChars) fields.set(`${path}.${fieldName(key)}`, value)
  }
}
