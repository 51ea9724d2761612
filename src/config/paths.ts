import { isAbsolute, resolve } from 'node:path'
import type { AgentConfig, SinkConfig } from './schema.ts'
import type { SourceConfig } from './source-schema.ts'
import { isObject, mapValues } from './values.ts'

/** Makes every path of the config absolute: relative ones start at `folder`, where the config file lies. */
export function resolvePaths<Config extends Configured>(config: Config, folder: string): Config {
  const { settings } = config
  return {
    ...config,
    ...(settings && { settings: { ...settings, enrich: resolveEnrich(settings.enrich, folder) } }),
    sources: mapValues(config.sources, (source) => resolveSource(source, folder)),
    sinks: mapValues(config.sinks, (sink) => resolveSink(sink, folder)),
  }
}

type Configured = Pick<AgentConfig, 'sources' | 'sinks'> & {
  readonly settings?: Pick<AgentConfig, 'enrich'> | undefined
}

function resolveEnrich(enrich: AgentConfig['enrich'], folder: string): AgentConfig['enrich'] {
  const { kubernetes } = enrich
  if (kubernetes === false || kubernetes.service_account === undefined) return enrich
  return {
    ...enrich,
    kubernetes: { ...kubernetes, service_account: resolve(folder, kubernetes.service_account) },
  }
}

function resolveSource(source: SourceConfig, folder: string): SourceConfig {
  const lists: Record<string, unknown> = {}
  for (const key of ['include', 'follow_symlinks']) {
    const paths = source[key]
    if (Array.isArray(paths)) lists[key] = paths.map((path) => resolvePattern(String(path), folder))
  }
  const { exclude } = source
  // `**/*.gz` and `*.tmp` mean files of that name anywhere; only what says so starts at the folder.
  if (Array.isArray(exclude)) {
    lists['exclude'] = exclude.map((path) =>
      /^\.\.?\//.test(String(path)) ? resolvePattern(String(path), folder) : path,
    )
  }
  return { ...source, ...lists }
}

function resolveSink(sink: SinkConfig, folder: string): SinkConfig {
  const { path, tls } = sink
  const resolved: Record<string, unknown> = {}
  if (typeof path === 'string') resolved['path'] = resolve(folder, path)
  if (isObject(tls)) {
    resolved['tls'] = mapValues(tls, (value, key) =>
      key.endsWith('_file') && typeof value === 'string' ? resolve(folder, value) : value,
    )
  }
  return { ...sink, ...resolved }
}

/** Not `resolve` for patterns that are absolute: it would take `[..]` and doubled slashes apart. */
function resolvePattern(pattern: string, folder: string): string {
  return isAbsolute(pattern) ? pattern : resolve(folder, pattern)
}
