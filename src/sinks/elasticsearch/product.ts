import { serverText } from '../http/body.ts'

/** What `GET /` says of a cluster, as far as it says anything. */
export interface Product {
  readonly name: 'Elasticsearch' | 'OpenSearch' | undefined
  /** As the server writes it, cut. */
  readonly version: string | undefined
}

/** What the sink is made for; `docs/elasticsearch.md` says which of them were tried, and how. */
const supported: Readonly<
  Record<'Elasticsearch' | 'OpenSearch', { readonly from: string; readonly below: number }>
> = {
  Elasticsearch: { from: '7.17', below: 10 },
  OpenSearch: { from: '1.0', below: 4 },
}

/**
 * Reads the answer of `GET /`. OpenSearch 1 and 2 can be told to call themselves Elasticsearch 7.10.2 for the sake of older
 * clients (`compatibility.override_main_response_version`); their tagline gives them away.
 */
export function readProduct(answer: unknown): Product {
  const version = member(answer, 'version')
  const number = member(version, 'number')
  if (typeof number !== 'string') return { name: undefined, version: undefined }
  const tagline = member(answer, 'tagline')
  const isOpenSearch =
    member(version, 'distribution') === 'opensearch' ||
    (typeof tagline === 'string' && /OpenSearch/i.test(tagline))
  return { name: isOpenSearch ? 'OpenSearch' : 'Elasticsearch', version: serverText(number, 40) }
}

export function productText({ name, version }: Product): string {
  if (name === undefined) return 'the server answers, but not like Elasticsearch or OpenSearch'
  return `${name} ${version}`
}

/** Why this version may behave in another way than this sink expects, or undefined. */
export function productWarning({ name, version }: Product): string | undefined {
  if (name === undefined || version === undefined) return undefined
  const { from, below } = supported[name]
  if (name === 'OpenSearch' && version.startsWith('7.')) return undefined
  const [major = NaN, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  const [leastMajor = 0, leastMinor = 0] = from.split('.').map(Number)
  if (Number.isNaN(major))
    return `a version that cannot be read: ${name} ${from} to ${below - 1} are supported`
  const isOld = major < leastMajor || (major === leastMajor && minor < leastMinor)
  if (!isOld && major < below) return undefined
  return `WARNING: not supported, ${isOld ? 'too old' : 'newer than this agent knows'}: ${name} ${from} to ${below - 1} are`
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}
