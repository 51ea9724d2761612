/**
 * Runs the work of each sink by itself. Where one fails, the others are told to end, and it rejects once they have: nothing may
 * go on behind a job that is over, as the next one would be in its way.
 */
export async function sideBySide(
  works: readonly { run(signal: AbortSignal): Promise<void> }[],
  signal: AbortSignal,
): Promise<void> {
  const failing = new AbortController()
  const stopped = AbortSignal.any([signal, failing.signal])
  const ended = works.map((work) =>
    work.run(stopped).catch((error: unknown) => {
      failing.abort()
      throw error
    }),
  )
  await Promise.allSettled(ended)
  await Promise.all(ended)
}
