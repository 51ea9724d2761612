import { isIPv6 } from 'node:net'

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** Reads `admin.listen`: `127.0.0.1:9465`, `[::1]:9465`, `localhost:9465`; undefined where it is none of these. */
export function parseListenAddress(listen: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(listen.trim())
  const port = Number(match?.[3])
  if (!match || port > 65_535) return undefined
  if (match[1] !== undefined && !isIPv6(match[1])) return undefined
  return { host: match[1] ?? match[2]!, port }
}

/** A URL that a person can open: an address that means "all" is shown as this host's own. */
export function urlOf({ host, port }: ListenAddress): string {
  const shown = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${isIPv6(shown) ? `[${shown}]` : shown}:${port}`
}
