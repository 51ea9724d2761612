import type { Check } from '../subject.ts'
import type { Finding } from '../finding.ts'

/** The same contact as `validate --probe`. */
export const reachCheck: Check = {
  name: 'sinks',
  run: ({ sinks }) =>
    Promise.all(
      sinks.map(async (sink): Promise<Finding> => {
        const { isReached, text } = await sink.probe()
        if (!isReached)
          return {
            severity: 'problem',
            seen: `${sink.name} cannot be reached: ${text}`,
            why: 'Its events stay in the buffer until it can.',
          }
        const isDoubtful = text.includes('WARNING: ')
        return { severity: isDoubtful ? 'warning' : 'ok', seen: `${sink.name}: ${text}` }
      }),
    ),
}
