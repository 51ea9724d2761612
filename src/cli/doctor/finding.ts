/** `unknown`: could not be looked at, and why. */
export type Severity = 'ok' | 'unknown' | 'warning' | 'problem'

/** One thing that a check saw. All texts are for people; paths and servers' words in them may be anything. */
export interface Finding {
  readonly severity: Severity
  /** What is the case, with its numbers. */
  readonly seen: string
  /** What comes of it. */
  readonly why?: string
  /** The key, setting or step that mends it, as a sentence. */
  readonly mend?: string
  /** Commands for that, to be copied. */
  readonly commands?: readonly string[]
}

export const ok = (seen: string): Finding => ({ severity: 'ok', seen })
export const unknown = (seen: string): Finding => ({ severity: 'unknown', seen })

/** At most so many names in a sentence. */
const mostNames = 3

/** `a, b, c and 4 more`. */
export function named(names: readonly string[], most = mostNames): string {
  const more = names.length - most
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ')
}

/** For a shell: quoted where it has to be. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
