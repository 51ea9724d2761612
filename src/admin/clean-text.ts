/** A string of JSON, or a label's value of a metric; it does not go over the end of its line. */
const quoted = /"(?:[^"\\\n]|\\.)*"/g

/**
 * An answer, JSON or metrics, without the secrets in its strings. Numbers and words outside of them are the agent's own: a
 * password like `1234` or `true` would make of `"bytes":12345` what nobody can parse.
 */
export function cleanText(text: string, redact: (text: string) => string): string {
  // Nearly always there is none, and one look at the whole is cheaper than one at each string.
  return redact(text) === text ? text : text.replaceAll(quoted, (string) => cleanString(string, redact))
}

/** Looked at as it is meant: of `\n1234` the secret `n123` would leave a backslash that escapes nothing. */
function cleanString(string: string, redact: (text: string) => string): string {
  const meant = meaningOf(string)
  if (meant === undefined) return redact(string)
  const clean = redact(meant)
  return clean === meant ? string : JSON.stringify(clean)
}

function meaningOf(string: string): string | undefined {
  try {
    return String(JSON.parse(string))
  } catch {
    return undefined
  }
}
