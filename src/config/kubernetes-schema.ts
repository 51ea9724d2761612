import { z } from 'zod'
import { duration } from '../components/fields.ts'
import { limits } from '../core/limits.ts'
import { fieldName } from '../kubernetes/field-name.ts'

/** A name of a label or an annotation, with or without its prefix. */
const key = z
  .string()
  .max(253 + 1 + 63)
  .regex(
    /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
    'expected the whole name of a label, such as "app" or "app.kubernetes.io/name"; there are no wildcards',
  )

const keys = (what: string) =>
  z
    .array(key)
    .max(limits.kubernetesFields)
    .superRefine((names, context) => {
      names.forEach((name, index) => {
        const other = names.slice(0, index).find((one) => fieldName(one) === fieldName(name))
        if (other !== undefined)
          context.addIssue({
            code: 'custom',
            path: [index],
            message: `"${other}" and "${name}" would be one field (dots become "_")`,
          })
      })
    })
    .meta({
      description: `${what} that become fields of every event of their pod, by their whole names; dots become \`_\`.`,
    })

const url = z
  .string()
  .superRefine((value, context) => {
    const problem = urlProblem(value)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
  .optional()
  .meta({
    description:
      'The API server, where the agent runs in no pod. A pod is told by its environment (KUBERNETES_SERVICE_HOST).',
  })

function urlProblem(value: string): string | undefined {
  if (!URL.canParse(value)) return 'expected a URL such as "https://10.0.0.1:6443"'
  const { hostname, protocol, password, username } = new URL(value)
  if (username !== '' || password !== '') return 'user and password do not belong here: set service_account'
  if (protocol === 'https:') return undefined
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
  return protocol === 'http:' && isLoopback
    ? undefined
    : 'must begin with https:// (http:// only to loopback, for `kubectl proxy`)'
}

/** `enrich.kubernetes`. */
export const kubernetesSchema = z
  .union([
    z.literal(false),
    z
      .literal(true)
      .transform(() => ({}))
      .pipe(settings()),
    settings(),
  ])
  .default(false)
  .meta({
    default: false,
    description:
      'Node, owner, labels and annotations from the Kubernetes API, for logs of containers (`true`: with the defaults). Fields from the path of a log file need no API and are always there.',
  })

function settings() {
  const shape = z.strictObject({
    labels: keys('Labels').default(['app']),
    annotations: keys('Annotations (of at most 1,000 characters)').default([]),
    wait: duration(
      '5s',
      'Lines of a pod that is not known yet wait so long at the most, once for each pod; then they go on without these fields.',
    ),
    node: z.string().min(1).max(253).optional().meta({
      description: 'The node whose pods are watched. Default: $NODE_NAME, or the name of this host.',
    }),
    url,
    service_account: z.string().min(1).optional().meta({
      description:
        'A folder with `token` and `ca.crt`. Default: what is mounted into every pod; none where `url` is set.',
    }),
  })
  return shape.superRefine((value, context) => {
    if (value.service_account !== undefined || value.url?.startsWith('https:') !== true) return
    const message = 'is missing: the folder with token and ca.crt for the server of "url"'
    context.addIssue({ code: 'custom', path: ['service_account'], message })
  })
}
