/**
 * Says which lines make one event. The state is a rule's own; it depends on the lines of the event alone, so that an
 * event whose lines are read again after a restart goes on as it did before.
 */
export interface JoinRule {
  /** A JSON object may be part of an event. Elsewhere it always stands alone. */
  readonly joinsJson: boolean
  /** The state behind a line that begins an event. */
  begins(text: string): number
  /** The state behind a line that goes on with the event, `unrelated` if it does not, `timedOut` if nobody can say. */
  continues(text: string, state: number): number
}

export const unrelated = -1
export const timedOut = -2

/** What a preset looks at of a line: patterns must not become slow on hostile ones. */
const longestLook = 1000

/** A rule of presets, whose patterns never see more than the beginning of a line. */
export function presetRule(rule: Omit<JoinRule, 'joinsJson'>): JoinRule {
  return {
    joinsJson: false,
    begins: (text) => rule.begins(text.slice(0, longestLook)),
    continues: (text, state) => rule.continues(text.slice(0, longestLook), state),
  }
}

/**
 * Whether a line sounds as if an error followed. Where errors are printed at the margin like any other line, only behind
 * such a line are they taken for its second line.
 */
export const introducesError = (text: string): boolean =>
  /error|warn|fatal|crit|severe|exception|fail|panic|unhandled|uncaught|reject|terminat/i.test(text) ||
  text.trimEnd().endsWith(':')
