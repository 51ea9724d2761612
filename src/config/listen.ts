import { isIPv6 } from 'node:net'

/** `127.0.0.1:9465`, `[::1]:9465`, `localhost:9465`; undefined for anything else. */
export function parseListen(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text.trim())
  const port = Number(match?.[3])
  if (!match || port > 65_535) return undefined
  if (match[1] !== undefined && !isIPv6(match[1])) return undefined
  return { host: match[1] ?? match[2]!, port }
}
