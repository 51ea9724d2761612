import { introducesError, presetRule, unrelated } from './join-rule.ts'

const ordinary = 1
/** A line behind which an error may stand at the margin. */
const introducing = 2
/** Behind the line that names the error: its message, or Ruby's picture of the place, may follow. */
const named = 3
const inFrames = 4

/** `from app.rb:7:in 'bar'`, and without `from` as `Logger` prints it. */
const frame = /^\s*(?:\d+: )?(?:from )?\S.*:\d+:in [`'].+'$|^\s+(?:\d+: )?from \S|^\s+\.{3} \d+ levels/
const error =
  /^\S.*:\d+:in [`'].+': |^\S+\.rb:\d+: .+ \([A-Z][\w:]*\)$|^[A-Z][\w:]* \(.*\):\s*$|^[A-Z][\w:]*(?:Error|Exception): /
const traceback = /^Traceback \(most recent call last\):$/

/** `from` frames, the frames of `Logger` and Rails, causes, and the place that Ruby points at. */
export const rubyRule = presetRule({
  begins(text) {
    if (error.test(text)) return named
    if (frame.test(text) || traceback.test(text)) return inFrames
    return introducesError(text) ? introducing : ordinary
  },
  continues(text, state) {
    if (error.test(text)) return state === introducing || state === inFrames ? named : unrelated
    if (frame.test(text)) return inFrames
    if (state < named) return unrelated
    return /^\s+\S|^Caused by: /.test(text) ? state : unrelated
  },
})
