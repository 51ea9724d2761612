import { componentSchema } from '../../config/schema.ts'
import { sinkDefinition } from '../../components/manifest.ts'
import type { SinkConfig } from '../../config/schema.ts'
import { probeSink } from '../reach-sink.ts'
import type { Reached } from '../reach-sink.ts'

export type SinkType = 'elasticsearch' | 'loki'

/** A server that may be meant, and whether it takes events as it is. */
export interface FoundSink {
  readonly type: SinkType
  /** As it is written into the config: an address, or `${ES_URL}` where the address holds a password. */
  readonly address: string
  /** `open`: it answers; `closed`: it is there and wants something first; `absent`: nothing is known of one. */
  readonly state: 'open' | 'closed' | 'absent'
  /** What it said, or why it is `closed`. */
  readonly text: string
  readonly apiKeyVariable?: string
  readonly isTls: boolean
}

/** How a candidate is contacted; tests answer in its place. */
export type ProbeCandidate = (type: SinkType, settings: Readonly<Record<string, unknown>>) => Promise<Reached>

const usual: Readonly<Record<SinkType, { variables: readonly string[]; address: string }>> = {
  elasticsearch: {
    variables: ['ES_URL', 'ELASTICSEARCH_URL', 'OPENSEARCH_URL'],
    address: 'http://127.0.0.1:9200',
  },
  loki: { variables: ['LOKI_URL'], address: 'http://127.0.0.1:3100' },
}

/** Loopback answers at once or not at all; one address of a variable may be far. */
const timeout = '5s'

export const probeCandidate: ProbeCandidate = (type, settings) => {
  const own = type === 'elasticsearch' ? { index: 'logferry-init' } : { labels: { job: 'logferry-init' } }
  const parsed = componentSchema('sink', sinkDefinition(type)).safeParse({
    type,
    timeout,
    ...own,
    ...settings,
  })
  if (!parsed.success) return Promise.resolve({ isReached: false, text: 'not an address' })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as config/schema.ts: the shape is put together at run time
  return probeSink(type, parsed.data as unknown as SinkConfig)
}

/** Looks for a server of each type: by the environment, else on this host. */
export async function lookForSinks(
  env: Readonly<Record<string, string | undefined>>,
  probe: ProbeCandidate = probeCandidate,
): Promise<FoundSink[]> {
  return Promise.all([lookFor('elasticsearch', env, probe), lookFor('loki', env, probe)])
}

async function lookFor(
  type: SinkType,
  env: Readonly<Record<string, string | undefined>>,
  probe: ProbeCandidate,
): Promise<FoundSink> {
  const { variables, address: local } = usual[type]
  const variable = variables.find((name) => env[name] !== undefined && URL.canParse(env[name]))
  const url = variable === undefined ? local : env[variable]!
  const hasPassword = new URL(url).password !== ''
  const key =
    type === 'elasticsearch' && env['ES_API_KEY'] !== undefined && !hasPassword ? 'ES_API_KEY' : undefined
  // Whoever happens to listen on this host is not shown it: it is meant for a server that the environment names.
  const sentKey = variable === undefined ? undefined : key
  const server = {
    type,
    address: variable !== undefined && hasPassword ? `\${${variable}}` : url,
    isTls: url.startsWith('https:'),
  }
  const found = { ...server, ...(key !== undefined && { apiKeyVariable: key }) }
  const settingsOf = (address: string): Record<string, unknown> => ({
    ...(type === 'loki' ? { url: address } : { nodes: [address] }),
    ...(sentKey !== undefined && { auth: { api_key: env[sentKey] } }),
  })
  const { isReached, text: said } = await probe(type, settingsOf(url))
  const text = withoutSecrets(said, [new URL(url).password, sentKey && env[sentKey]])
  if (isReached && (type === 'loki' || /^(?:Elasticsearch|OpenSearch) /.test(text)))
    return { ...server, ...(sentKey !== undefined && { apiKeyVariable: sentKey }), state: 'open', text }
  if (variable !== undefined) return { ...found, state: 'closed', text }
  if (isReached || /ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH/.test(text))
    return { ...found, state: 'absent', text }
  if (/speaks TLS/.test(text)) return overTls({ ...found, text }, probe)
  // 401 and the like: whoever refuses, or lets us wait, is there.
  return {
    ...found,
    state: /40[13]|credentials|tenant|isn't ready|no answer/.test(text) ? 'closed' : 'absent',
    text,
  }
}

/** Only whether somebody is there: nothing secret is sent, so the certificate need not be known. */
async function overTls(found: Omit<FoundSink, 'state'>, probe: ProbeCandidate): Promise<FoundSink> {
  const address = found.address.replace(/^http:/, 'https:')
  const settings = {
    ...(found.type === 'loki' ? { url: address } : { nodes: [address] }),
    tls: { verify: false },
  }
  const { isReached, text } = await probe(found.type, settings)
  const isThere = isReached || /40[13]|credentials/.test(text)
  return {
    ...found,
    address: isThere ? address : found.address,
    state: isThere ? 'closed' : 'absent',
    isTls: isThere,
    text,
  }
}

/** Sinks keep credentials out of what they say; what lands in a file is looked at once more. */
function withoutSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  return secrets.reduce<string>(
    (clean, secret = '') => (secret === '' ? clean : clean.replaceAll(secret, '[redacted]')),
    text,
  )
}
