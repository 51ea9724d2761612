import type { SharedMember } from '../core/chunk.ts'

/** `/var/log/pods/NS_POD_UID/CONTAINER/N.log`, below any root that it is mounted at; rotated names too. */
const podPath = /(?:^|\/)var\/log\/pods\/([^/_]+)_([^/_]+)_([^/_]+)\/([^/]+)\/[^/]+$/
/** `/var/log/containers/POD_NS_CONTAINER-ID.log`. */
const containerPath = /(?:^|\/)var\/log\/containers\/([^/_]+)_([^/_]+)_([^/]+)-[0-9a-f]{64}\.log[^/]*$/

/** The kubelet writes namespace, pod and container into the paths of log files; no API is asked. */
export function kubernetesMembers(path: string): SharedMember[] {
  const pod = podPath.exec(path)
  if (pod) return members({ namespace: pod[1], pod: pod[2], uid: pod[3], container: pod[4] })
  const container = containerPath.exec(path)
  if (container)
    return members({ namespace: container[2], pod: container[1], uid: undefined, container: container[3] })
  return []
}

interface PathParts {
  readonly namespace: string | undefined
  readonly pod: string | undefined
  readonly uid: string | undefined
  readonly container: string | undefined
}

function members(parts: PathParts): SharedMember[] {
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['kubernetes.namespace', parts.namespace],
    ['kubernetes.pod.name', parts.pod],
    ['kubernetes.pod.uid', parts.uid],
    ['kubernetes.container.name', parts.container],
  ]
  return fields.flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, json: JSON.stringify(value) }],
  )
}
