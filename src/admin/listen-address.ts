import { isIPv6 } from 'node:net'

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** A URL that a person can open: an address that means "all" is shown as this host's own. */
export function urlOf({ host, port }: ListenAddress): string {
  const shown = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${isIPv6(shown) ? `[${shown}]` : shown}:${port}`
}
