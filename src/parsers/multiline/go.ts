import { presetRule, unrelated } from './join-rule.ts'

const ordinary = 1
/** Between `panic:` and the first goroutine. */
const panicking = 2
const inFrames = 3

const panic = /^(?:panic: |fatal error: |runtime: |SIG[A-Z]+: |unexpected fault address )/
const goroutine = /^goroutine \d+ .*\[.+\]:|^runtime stack:$/
const aboutPanic =
  /^(?:\s+\S|\[signal |\[recovered|PC=|sp=|fatal error: |stack: frame=|signal arrived |goroutine running on other)/
/** `main.main()`, `net/http.(*conn).serve(0xc0001, {0x7, 0x8})`, `panic({0x1, 0x2})`. */
const call = /^(?:panic|[^\s(]*\.[^\s(]*)\(.*\)$/
const aboutFrames =
  /^(?:\s+\S|created by |exit status \d+$|\.\.\.\d* ?(?:additional )?frames elided|goroutine running on other|\[originating from )/
const register = /^(?:r[a-z]{2}|r\d+|e[a-z]{2}|rflags|eflags|cs|ds|es|fs|gs|ss|lr|sp|pc|fault)\s+0x[0-9a-f]+$/

/** Panics and fatal errors with all of their goroutines. A panic begins an event, stacks go on with their log line. */
export const goRule = presetRule({
  begins(text) {
    if (panic.test(text)) return panicking
    return goroutine.test(text) ? inFrames : ordinary
  },
  continues(text, state) {
    if (goroutine.test(text)) return inFrames
    if (state === panicking) return aboutPanic.test(text) ? panicking : unrelated
    if (state === inFrames && isOfStack(text)) return inFrames
    return unrelated
  },
})

const isOfStack = (text: string): boolean => call.test(text) || aboutFrames.test(text) || register.test(text)
