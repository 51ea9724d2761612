/**
 * Text of unknown origin made safe for a terminal: control characters, which could move the cursor, change the title or
 * forge a line, and the characters that turn the direction of writing, are shown as escapes instead of being obeyed.
 */
// C0, DEL and C1; line and paragraph separator; bidirectional overrides and isolates; zero-width and BOM.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]/g

const shortForms: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** One line of printable text: `\n`, `\x1b`, `\u202e` stand for what was there. */
export function escapeControls(text: string): string {
  return text.replaceAll(unsafe, (character) => {
    const short = shortForms[character]
    if (short !== undefined) return short
    const code = character.charCodeAt(0).toString(16)
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`
  })
}

/** The same for JSON text, which stays JSON of the same meaning: only its strings can hold such characters. */
export function escapeControlsInJson(text: string): string {
  return text.replaceAll(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
