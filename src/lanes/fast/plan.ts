import type { Encoding } from '../../core/encoding.ts'
import { createChain } from '../../parsers/chain.ts'
import type { Chain } from '../../parsers/chain.ts'
import type { MultilineConfig } from '../../parsers/multiline/schema.ts'
import type { ParseConfig, TimestampConfig } from '../../parsers/schema.ts'
import type { NotSimple } from '../../steps/simple-condition.ts'
import type { SimpleStep } from '../../steps/step.ts'

/** Which lane a source takes, and the setting that asks for the general one. */
export type Plan = { readonly lane: 'fast' } | { readonly lane: 'general'; readonly because: string }

/** What of a source's settings the plan depends on. */
export interface PlannedSettings {
  readonly parse: ParseConfig
  readonly timestamp?: TimestampConfig | undefined
  readonly multiline?: MultilineConfig | null | undefined
  readonly encoding?: Encoding | undefined
  /** Its own steps and those of all sources, or the one that is not simple. */
  readonly steps?: readonly SimpleStep[] | NotSimple
}

/**
 * What the kernel can do, it does; `validate` and `/status` tell what came of it. `chain` is the one of `parse`, where there is
 * one already: making it compiles patterns.
 */
export function planOf(settings: PlannedSettings, chain?: Chain): Plan {
  const because = reason(settings, chain)
  return because === undefined ? { lane: 'fast' } : { lane: 'general', because }
}

function reason(settings: PlannedSettings, made?: Chain): string | undefined {
  const { encoding, multiline, parse, timestamp, steps } = settings
  if (encoding) return 'encoding'
  if (multiline) return 'multiline'
  if (steps && 'because' in steps) return steps.because
  if (timestamp?.format !== undefined && timestamp.format !== 'auto') return 'timestamp.format'
  const chain = made ?? createChain(parse)
  // Chosen for each file: what the kernel cannot read of it takes the general lane.
  if (chain.wrapper === 'auto') return undefined
  const content = chain.content(undefined)
  if ('because' in content) return `parse (${content.because})`
  // A preset's time is found by its place, not by a name.
  const isPreset = typeof content.text === 'object' && content.text.kind === 'preset'
  return isPreset && timestamp?.field !== undefined ? 'timestamp.field' : undefined
}
