import type { z } from 'zod'
import type { Sink, SinkContext } from '../sinks/sink.ts'
import type { SourceContext, SourceInstance, SourceRunner } from '../sources/source.ts'

/**
 * A component says all about itself in one object: the value of `type`, a sentence for the reference, its zod schema
 * (strictObject, every key with a description and its default), and how to make one. `manifest.ts` lists them, so all
 * schemas are loaded at every start: what only a config that names the component needs is imported by `load`, which
 * `create` waits for.
 */
export interface SourceDefinition<Schema extends z.ZodType = z.ZodType> {
  readonly type: string
  readonly summary: string
  /** Settings beyond those that every source has (`sourceCommon` in config/schema.ts). */
  readonly schema: Schema
  load?(): Promise<unknown>
  create(instances: readonly SourceInstance<z.infer<Schema>>[], context: SourceContext): Made<SourceRunner>
}

/** At once, or when its code has been loaded. */
type Made<Component> = Component | Promise<Component>

export interface SinkDefinition<Schema extends z.ZodType = z.ZodType> {
  readonly type: string
  readonly summary: string
  readonly schema: Schema
  load?(): Promise<unknown>
  create(config: z.infer<Schema>, context: SinkContext): Made<Sink>
}

export const defineSource = <Schema extends z.ZodType>(
  definition: SourceDefinition<Schema>,
): SourceDefinition<Schema> => definition
export const defineSink = <Schema extends z.ZodType>(
  definition: SinkDefinition<Schema>,
): SinkDefinition<Schema> => definition
