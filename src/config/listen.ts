/** `127.0.0.1:9465`, `[::1]:9465`, `localhost:9465`, `:9465` (every address); undefined for anything else. */
export function parseListen(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.%]+)\]|([A-Za-z0-9.-]*)):(\d{1,5})$/i.exec(text)
  if (!match) return undefined
  const port = Number(match[3])
  return port > 65_535 ? undefined : { host: match[1] ?? match[2]!, port }
}
