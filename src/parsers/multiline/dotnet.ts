import { presetRule, unrelated } from './join-rule.ts'

const ordinary = 1
/** `fail: Category[13]` of the console logger, which prints every message on the next lines, indented. */
const category = 2
/** A log line that speaks of an exception, whose message may go on, indented. */
const mentioned = 3
const inTrace = 4

const frame = /^\s+at \S|^\s*--- End of |^\s*(?:--->|<---)/
const exception = /^(?:[\w+`]+\.)+[\w+`]*(?:Exception|Error)\b/
const uncaught = /^Unhandled [Ee]xception[.:]/
const exceptionInLine = /\w(?:Exception|Error)(?::|\s|$)/
const categoryLine = /^(?:trce|dbug|info|warn|fail|crit): .+\[\d+\]$/
/** What SqlException and others add behind their frames. */
const behindTrace =
  /^(?:ClientConnectionId|Error Number|Routing Destination|Inner exception|Exception data)\b/

/** `at` frames, `--->` and `--- End of …`, the exception on the line behind the log line, the console logger's lines. */
export const dotnetRule = presetRule({
  begins(text) {
    if (exception.test(text) || uncaught.test(text)) return inTrace
    return categoryLine.test(text) ? category : exceptionInLine.test(text) ? mentioned : ordinary
  },
  continues(text, state) {
    if (state === category) return /^ {4,}\S/.test(text) ? category : unrelated
    if (frame.test(text)) return inTrace
    if (state !== inTrace && exception.test(text)) return inTrace
    if (state === ordinary) return unrelated
    return /^\s+\S/.test(text) || behindTrace.test(text) ? state : unrelated
  },
})
