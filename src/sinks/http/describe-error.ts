/** An error whose message says all that people need; its cause is for debuggers. */
export class ExplainedError extends Error {}

/** Codes and messages of the error, of its causes, and of the attempts at several addresses, in one text. */
export function describeError(error: unknown, depth = 0): string {
  if (depth > 4) return ''
  if (!(error instanceof Error)) return String(error)
  if (error instanceof ExplainedError) return error.message
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const parts = [error.name === 'Error' ? '' : error.name, code, error.message]
  if (error instanceof AggregateError) parts.push(...error.errors.map((one) => describeError(one, depth + 1)))
  if (error.cause !== undefined) parts.push(describeError(error.cause, depth + 1))
  // A cause mostly says again what its error said.
  const isSaid = (part: string, at: number): boolean =>
    parts.some((other, place) => (other === part ? place < at : other.includes(part)))
  return parts.filter((part, at) => part !== '' && !isSaid(part, at)).join(' ')
}
