import type { SharedMember } from '../core/chunk.ts'

/** What the path of a container's log tells. */
export interface ContainerLog {
  readonly namespace: string
  readonly pod: string
  /** Undefined where the path names none. Of a static pod it is the hash of its manifest. */
  readonly uid: string | undefined
  readonly container: string
}

/** `/var/log/pods/NS_POD_UID/CONTAINER/N.log`, below any root that it is mounted at; rotated names too. */
const podPath = /(?:^|\/)var\/log\/pods\/([^/_]+)_([^/_]+)_([^/_]+)\/([^/]+)\/[^/]+$/
/** `/var/log/containers/POD_NS_CONTAINER-ID.log`. */
const containerPath = /(?:^|\/)var\/log\/containers\/([^/_]+)_([^/_]+)_([^/]+)-[0-9a-f]{64}\.log[^/]*$/

/** The kubelet writes namespace, pod and container into the paths of log files. Undefined for any other path. */
export function containerLogOf(path: string): ContainerLog | undefined {
  const inPods = podPath.exec(path)
  if (inPods) return { namespace: inPods[1]!, pod: inPods[2]!, uid: inPods[3]!, container: inPods[4]! }
  const link = containerPath.exec(path)
  return link ? { namespace: link[2]!, pod: link[1]!, uid: undefined, container: link[3]! } : undefined
}

/** What the path alone tells, as members of every event; no API is asked. */
export function kubernetesMembers(path: string): SharedMember[] {
  const log = containerLogOf(path)
  if (!log) return []
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['kubernetes.namespace', log.namespace],
    ['kubernetes.pod.name', log.pod],
    ['kubernetes.pod.uid', log.uid],
    ['kubernetes.container.name', log.container],
  ]
  return fields.flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, json: JSON.stringify(value) }],
  )
}
