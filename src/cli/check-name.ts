import { AgentError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'

/** Throws for a source or sink that the config does not name, with the nearest that it does. */
export function checkName(
  asked: { kind: string; name: string; path: string },
  known: readonly string[],
): void {
  if (known.includes(asked.name)) return
  const meant = nearest(asked.name, known)
  const hint = meant ? `, did you mean "${meant}"?` : ''
  throw AgentError.of('unknown_name', { ...asked, nearest: hint, known: known.join(', ') })
}
