/** `enrich.kubernetes`, as the config has let it through. */
export interface KubernetesSettings {
  /** Names of labels and annotations that become fields. */
  readonly labels: readonly string[]
  readonly annotations: readonly string[]
  /** How long lines of a pod that is not known yet wait at the most, in ms. */
  readonly wait: number
  /** Whose pods are watched; default: see `apiPlace`. */
  readonly node?: string | undefined
  /** Default: what every pod is told by its environment. */
  readonly url?: string | undefined
  /** A folder with `token` and `ca.crt`. */
  readonly service_account?: string | undefined
}

/** Where the API server is, and as whom it is asked. */
export interface ApiPlace {
  readonly url: URL
  /** Undefined where none was named for a URL of one's own (`kubectl proxy`). */
  readonly serviceAccount: string | undefined
  readonly node: string
}

/** Where the kubelet mounts the service account of a pod. */
const mounted = '/var/run/secrets/kubernetes.io/serviceaccount'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where to ask, or why that is not known: a sentence for the operator. `hostName`: of this host, as `host.name` has it. */
export function apiPlace(
  settings: KubernetesSettings,
  environment: Environment,
  hostName: string,
): ApiPlace | string {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = environment
  // A host's own name is its node's, unless it runs in a pod; then the downward API has to tell.
  const node = settings.node ?? (environment['NODE_NAME'] || hostName)
  if (settings.url !== undefined)
    return { url: new URL(settings.url), serviceAccount: settings.service_account, node }
  if (host === '')
    return 'KUBERNETES_SERVICE_HOST is not set, so this is no pod: set enrich.kubernetes.url and service_account'
  const address = host.includes(':') ? `[${host}]` : host
  if (!URL.canParse(`https://${address}:${port}`))
    return `KUBERNETES_SERVICE_HOST and _PORT are no address: ${host} and ${port}`
  return {
    url: new URL(`https://${address}:${port}`),
    serviceAccount: settings.service_account ?? mounted,
    node,
  }
}
