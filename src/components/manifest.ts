import type { Sink, SinkContext } from '../sinks/sink.ts'
import type { SinkDefinition, SourceDefinition } from './definition.ts'
import { consoleSink } from '../sinks/console.ts'
import { elasticsearchSink } from '../sinks/elasticsearch/definition.ts'
import { fileSink } from '../sinks/file.ts'
import { lokiSink } from '../sinks/loki/index.ts'
import { fileSource } from '../sources/file/index.ts'
import { stdinSource } from '../sources/stdin-source.ts'

/** THE list: a component that is not here does not exist. The config, the reference and the tests read it. */
export const components: {
  readonly sources: readonly SourceDefinition[]
  readonly sinks: readonly SinkDefinition[]
} = {
  sources: [fileSource, stdinSource],
  sinks: [elasticsearchSink, lokiSink, fileSink, consoleSink],
}

/** The definition of a type that a loaded config names; an unknown one is our own mistake, as loading has checked it. */
export function sourceDefinition(type: string): SourceDefinition {
  return find(components.sources, type)
}

/** The same of a sink. */
export function sinkDefinition(type: string): SinkDefinition {
  return find(components.sinks, type)
}

/** Makes the sink that a loaded config describes. Rejects with an error for people where its files cannot be read. */
export async function createSink(
  name: string,
  config: { readonly type: string },
  context: SinkContext,
): Promise<Sink> {
  return sinkDefinition(config.type).create(config, { ...context, name })
}

/**
 * Begins to load the code of all that a config names, while the data folder is locked and the buffer opened. A failure shows
 * where the component is made.
 */
export function loadAhead(config: Record<'sources' | 'sinks', Readonly<Record<string, Typed>>>): void {
  const named = [
    ...Object.values(config.sources).map(({ type }) => sourceDefinition(type)),
    ...Object.values(config.sinks).map(({ type }) => sinkDefinition(type)),
  ]
  for (const definition of named) void definition.load?.().catch(() => {})
}

interface Typed {
  readonly type: string
}

function find<Definition extends { readonly type: string }>(
  definitions: readonly Definition[],
  type: string,
): Definition {
  const definition = definitions.find((one) => one.type === type)
  if (!definition) throw new RangeError(`no component has the type "${type}"`)
  return definition
}
