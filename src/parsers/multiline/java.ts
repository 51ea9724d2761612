import { presetRule, unrelated } from './join-rule.ts'

const ordinary = 1
/** A log line that speaks of an exception, whose message may go on, indented. */
const mentioned = 2
/** Behind the line that names an exception. */
const named = 3
const inFrames = 4

const frame = /^\s+(?:at \S|\.\.\. )|^\s*\[CIRCULAR REFERENCE/
const nested = /^\s*(?:Caused by|Suppressed|Wrapped by): /
const name =
  /^(?:(?:[a-z_][\w$]*\.)+[A-Z]?|[A-Z]\w)[\w$]*(?:Exception|Error|Throwable|Failure|Fault|Timeout|Death)(?:\$\w+)?(?::|$)/
const uncaught = /^Exception in thread "/
const nameInLine = /\w(?:Exception|Error|Throwable)(?::|\s|$)/

/** `at` frames, `Caused by`, `Suppressed`, `... 23 more`, and the exception on the line behind the log line. */
export const javaRule = presetRule({
  begins(text) {
    if (name.test(text) || uncaught.test(text)) return named
    return nameInLine.test(text) ? mentioned : ordinary
  },
  continues(text, state) {
    if (frame.test(text)) return inFrames
    if (nested.test(text)) return named
    if (state <= mentioned && name.test(text)) return named
    if (state === ordinary) return unrelated
    // Messages of several lines are indented, or end in the bracket of a list.
    return /^\s+\S|^[\])}]/.test(text) ? state : unrelated
  },
})
