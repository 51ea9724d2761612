const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)

/** In JSON twice: a server that says back in JSON what it got in JSON. */
const writtenForms = (text: string): string[] => [
  text,
  // Half of a surrogate pair, which a config can write, has no code there: encodeURIComponent would throw.
  encodeURIComponent(Buffer.from(text).toString()),
  inJson(text),
  inJson(inJson(text)),
]

/** What a letter, digit or `_` next to it makes part of another word. */
const wordStart = '(?<![\\p{L}\\p{N}_])'
const wordEnd = '(?![\\p{L}\\p{N}_])'

/** Shorter texts are cut with a sign or not at all; a name in one of them that begins as a secret does is to stay. */
const shortestCut = 80

/** A beginning this short is no secret. */
const tellingChars = 4

/** The secret texts of the running config, so that whatever leaves the process can be cleaned of them. */
export class Secrets {
  /** Every form that a secret may come back in. */
  readonly #forms = new Set<string>()
  readonly #names = new Set<string>()
  #pattern: RegExp | undefined

  /** Remembers a secret. Texts shorter than 4 characters are not kept: hiding them would blank ordinary words. */
  add(value: string): void {
    if (value.length < 4) return
    // Without padding: in the middle of a longer base64 text there is none.
    const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '')
    for (const form of [...writtenForms(value), base64]) this.#forms.add(form)
    this.#pattern = undefined
  }

  /** Remembers a user name: hidden only where it is a word of its own, or `elastic` would blank half of `elasticsearch`. */
  addName(value: string): void {
    if (value.length < 4) return
    for (const form of writtenForms(value)) this.#names.add(form)
    this.#pattern = undefined
  }

  /** Replaces every secret in `text` by `[redacted]`, also where it stands URL-encoded, base64 or JSON-escaped. */
  redact(text: string): string {
    if (this.#forms.size + this.#names.size === 0) return text
    this.#pattern ??= this.#compile()
    const whole = [...text.matchAll(this.#pattern)].map(({ index, 0: { length } }) => ({
      start: index,
      end: index + length,
    }))
    return withoutStretches(text, [...whole, ...this.#cutIn(text)])
  }

  /**
   * A server's text is cut before it comes here: then it ends within a secret, whose beginning tells too much. Looked for
   * in the text as it came: of `Basic` the user would stay once the base64 of the password within it is taken out.
   */
  #cutIn(text: string): Stretch[] {
    const forms = [...this.#forms]
    const found: Stretch[] = []
    for (let end = text.indexOf('…'); end >= 0; end = text.indexOf('…', end + 1))
      found.push({ start: startOfCut(text.slice(0, end), [...forms, ...this.#names]), end })
    if (text.length >= shortestCut) found.push({ start: startOfCut(text, forms), end: text.length })
    return found.filter(({ start, end }) => start < end)
  }

  #compile(): RegExp {
    // Longest first: of two secrets that begin alike the shorter one would leave the longer one's rest.
    const forms = [...this.#forms].sort((a, b) => b.length - a.length).map(escapeForPattern)
    const names = [...this.#names].map((name) => `${wordStart}${escapeForPattern(name)}${wordEnd}`)
    return new RegExp([...forms, ...names].join('|'), 'gu')
  }
}

interface Stretch {
  readonly start: number
  readonly end: number
}

/** Stretches that overlap are one. */
function withoutStretches(text: string, stretches: readonly Stretch[]): string {
  let clean = ''
  let at = 0
  for (const { start, end } of stretches.toSorted((a, b) => a.start - b.start)) {
    if (start >= at) clean += `${text.slice(at, start)}[redacted]`
    at = Math.max(at, end)
  }
  return clean + text.slice(at)
}

/** Where the beginning of a secret stands at the end of the text, the first of them; the text's length where none does. */
function startOfCut(text: string, forms: readonly string[]): number {
  let start = text.length
  for (const form of forms) {
    const telling = form.slice(0, tellingChars)
    let at = text.indexOf(telling, Math.max(text.length - form.length + 1, 0))
    while (at >= 0 && !form.startsWith(text.slice(at))) at = text.indexOf(telling, at + 1)
    if (at >= 0) start = Math.min(start, at)
  }
  return start
}

function escapeForPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}
