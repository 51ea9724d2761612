import { existsSync } from 'node:fs'
import { AgentError } from '../core/errors.ts'

const usualPlaces = ['./agent.config.json', '/etc/logferry/agent.config.json']

/** `-c`, then `$LOGFERRY_CONFIG`, then the usual places. Only the usual places are passed over when they are not there. */
export function configPath(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const named = option ?? (env['LOGFERRY_CONFIG'] || undefined)
  if (named !== undefined) return named
  const found = usualPlaces.find((place) => existsSync(place))
  if (found === undefined) throw AgentError.of('no_config', { tried: usualPlaces.join(', ') })
  return found.replace(/^\.\//, '')
}
