import type { AgentView, PodsStatus } from '../view.ts'
import type { MetricRow, Sample } from './metric-row.ts'

/** Of the watch on the node's pods. */
export const kubernetesRows: readonly MetricRow[] = [
  {
    name: 'logferry_kubernetes_up',
    type: 'gauge',
    help: 'Whether the API server is being watched: 1, or 0 while it cannot be asked. Only with `enrich.kubernetes`.',
    labels: ['node'],
    read: forPods(({ state }) => (state === 'watching' ? 1 : 0)),
  },
  {
    name: 'logferry_kubernetes_pods',
    type: 'gauge',
    help: 'Pods of this node that the API server has told of. Only with `enrich.kubernetes`.',
    labels: ['node'],
    read: forPods(({ pods }) => pods),
  },
  {
    name: 'logferry_kubernetes_errors_total',
    type: 'counter',
    help: 'Requests to the API server that came to nothing. Starts anew when `enrich.kubernetes` is changed.',
    labels: ['node'],
    read: forPods(({ errors }) => errors),
  },
  {
    name: 'logferry_kubernetes_unknown_pods_total',
    type: 'counter',
    help: 'Pods that were still unknown after `enrich.kubernetes.wait`: their lines went on without labels.',
    labels: ['node'],
    read: forPods(({ unknownPods }) => unknownPods),
  },
]

function forPods(value: (pods: PodsStatus) => number): (agent: AgentView) => Sample[] {
  return (agent) => {
    const pods = agent.kubernetes()
    return pods ? [[value(pods), pods.node]] : []
  }
}
