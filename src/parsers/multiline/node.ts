import { introducesError, presetRule, unrelated } from './join-rule.ts'

const ordinary = 1
/** A line behind which an error may stand at the margin. */
const introducing = 2
const inTrace = 3
/** What Node prints before an uncaught error: the place, the line of the program, a caret. */
const place = 4
const programLine = 5
const caret = 6

const frame = /^\s+at \S/
const error =
  /^(?:Uncaught |\(node:\d+\) )?\[?(?:[A-Z][\w$.]*)?(?:Error|Exception)(?: \[[\w ]+\])?(?::|\]|$| \{)/
/** An error that `util.inspect` shows without a stack: `failed [Error: x] {`. */
const openError = /(?:Error|Exception)\b.*\{$/
const placeOfError = /^(?:file:\/\/|node:|\/|[A-Za-z]:\\)\S*:\d+$/
/** The braces of `util.inspect`, and what follows a trace. */
const behindTrace = /^(?:[}\])][}\]),;\s{]*$|Node\.js v\d|From previous event:|Thrown at:|\(Use `node )/

/** `at` frames, `[cause]` and other members in the braces of `util.inspect`, uncaught errors as Node prints them. */
export const nodeRule = presetRule({
  begins(text) {
    if (placeOfError.test(text)) return place
    if (error.test(text) || openError.test(text) || frame.test(text)) return inTrace
    return introducesError(text) ? introducing : ordinary
  },
  continues(text, state) {
    if (state === place) return programLine
    if (state === programLine) return /^\s*\^+\s*$/.test(text) ? caret : unrelated
    if (state === caret || frame.test(text)) return inTrace
    if (state === introducing && error.test(text)) return inTrace
    if (state !== inTrace) return unrelated
    return /^\s+\S/.test(text) || behindTrace.test(text) ? inTrace : unrelated
  },
})
