import type { GeneralLaneOptions } from '../general.ts'
import { createChain } from '../../parsers/chain.ts'

/** Which lane a source takes, and the setting that asks for the general one. */
export type Plan = { readonly lane: 'fast' } | { readonly lane: 'general'; readonly because: string }

/** What the kernel can do, it does; `validate`, `status` and the metrics tell what came of it. */
export function planOf(
  options: Pick<GeneralLaneOptions, 'encoding' | 'multiline' | 'parse' | 'steps' | 'timestamp'>,
): Plan {
  const because = reason(options)
  return because === undefined ? { lane: 'fast' } : { lane: 'general', because }
}

function reason({
  encoding,
  multiline,
  parse,
  steps,
  timestamp,
}: Pick<GeneralLaneOptions, 'encoding' | 'multiline' | 'parse' | 'steps' | 'timestamp'>): string | undefined {
  if (encoding) return 'encoding'
  if (multiline) return 'multiline'
  if (steps) return 'steps'
  if (timestamp?.format !== undefined && timestamp.format !== 'auto') return 'timestamp.format'
  const chain = createChain(parse)
  if (chain.wrapper === 'auto') return undefined
  if (chain.wrapper?.name === 'docker') return 'parse (docker)'
  return chain.wholeLine(undefined) === undefined ? 'parse' : undefined
}
