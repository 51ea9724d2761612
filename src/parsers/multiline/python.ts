import { presetRule, unrelated } from './join-rule.ts'

const ordinary = 1
const inFrames = 2
/** Behind the line that names the exception. */
const named = 3
/** Behind the sentence that announces a further traceback. */
const chained = 4

const traceback =
  /^\s*(?:\+ Exception Group )?(?:Traceback|Stack|(?:Object|Future|Task|Coroutine) (?:was )?created at) \(most recent call last\):/
const file = /^\s+File ".+", line \d+/
/** What asyncio and aiohttp say of the thing that failed, between message and traceback. */
const detail =
  /^(?:future|task|protocol|transport|handle|handler|socket|client_session|connector|connections|source_traceback): ?/
/** Nothing else follows frames at the margin. */
const exception = /^[A-Za-z_][\w.<>]*(?::|$)/
const chain =
  /^(?:During handling of the above exception, another exception occurred|The above exception was the direct cause of the following exception):$/
/** Of `logging`, when its own output fails. */
const loggingError = /^(?:Message|Arguments): /

/** Tracebacks with the line before them, chains of them, exception groups, `--- Logging error ---`. */
export const pythonRule = presetRule({
  begins: (text) => (traceback.test(text) || file.test(text) ? inFrames : ordinary),
  continues(text, state) {
    if (state === ordinary) return behindOrdinary(text)
    if (state === inFrames) {
      if (/^\s+\S/.test(text)) return inFrames
      return exception.test(text) ? named : unrelated
    }
    if (state === chained) return traceback.test(text) ? inFrames : unrelated
    if (chain.test(text)) return chained
    if (text === 'Call stack:') return inFrames
    return /^\s+\S/.test(text) || loggingError.test(text) ? named : unrelated
  },
})

function behindOrdinary(text: string): number {
  if (traceback.test(text) || file.test(text)) return inFrames
  return detail.test(text) ? ordinary : unrelated
}
