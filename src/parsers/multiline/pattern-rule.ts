import { compileGuarded } from '../regex-guard.ts'
import { timedOut, unrelated } from './join-rule.ts'
import type { JoinRule } from './join-rule.ts'

const goesOn = 0

/** A line that matches begins an event, all others go on with it. */
export function startRule(pattern: string, timeoutMs?: number): JoinRule {
  const regex = compileGuarded(pattern, timeoutMs)
  return {
    joinsJson: false,
    begins: () => goesOn,
    continues(text) {
      const match = regex.exec(text)
      if (match === 'timeout') return timedOut
      return match ? unrelated : goesOn
    },
  }
}

/** A line that matches goes on with the event before it, all others begin one. */
export function continueRule(pattern: string, timeoutMs?: number): JoinRule {
  const regex = compileGuarded(pattern, timeoutMs)
  return {
    joinsJson: true,
    begins: () => goesOn,
    continues(text) {
      const match = regex.exec(text)
      if (match === 'timeout') return timedOut
      return match ? goesOn : unrelated
    },
  }
}
