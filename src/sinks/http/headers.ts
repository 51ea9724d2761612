/** Headers that the sink itself answers for: setting them would break the request or send it elsewhere. */
const reserved = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What is wrong with a configured header, or undefined. Values are secrets: none is shown. `auth` as configured. */
export function headerProblem(name: string, value: string, auth?: unknown): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return 'not a valid header name'
  if (reserved.has(name.toLowerCase())) return 'the agent sets this header itself'
  if (name.toLowerCase() === 'authorization' && auth) return 'cannot stand beside "auth": set one of them'
  if (name.toLowerCase() === 'proxy-authorization') return 'write credentials into the URL of "proxy"'
  // Anything but visible Latin-1 and inner space; a line break would begin a header of its own.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return 'the value has characters that a header cannot carry'
  return undefined
}

/** What is wrong with the URL of a server, or undefined. */
export function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'not a URL; expected something like "http://127.0.0.1:9200"'
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'only http:// and https:// can be used'
  if (url.search !== '' || url.hash !== '') return 'must end with its path: no "?" and no "#"'
  return undefined
}
