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
    return this.#withoutCutSecrets(text.replace(this.#pattern, '[redacted]'))
  }

  /** A server's text is cut before it comes here: then it ends within a secret, whose beginning tells too much. */
  #withoutCutSecrets(text: string): string {
    const pieces = text.split('…')
    const last = pieces.pop() ?? ''
    const forms = [...this.#forms, ...this.#names]
    const cut = pieces.map((piece) => withoutEnd(piece, forms))
    return [...cut, text.length < shortestCut ? last : withoutEnd(last, this.#forms)].join('…')
  }

  #compile(): RegExp {
    // Longest first: of two secrets that begin alike the shorter one would leave the longer one's rest.
    const forms = [...this.#forms].sort((a, b) => b.length - a.length).map(escapeForPattern)
    const names = [...this.#names].map((name) => `${wordStart}${escapeForPattern(name)}${wordEnd}`)
    return new RegExp([...forms, ...names].join('|'), 'gu')
  }
}

/** Without the beginning of a secret at the end of the text. */
function withoutEnd(text: string, forms: Iterable<string>): string {
  for (const form of forms) {
    const tail = text.slice(1 - form.length)
    const start = form.slice(0, tellingChars)
    for (let at = tail.indexOf(start); at >= 0; at = tail.indexOf(start, at + 1))
      if (form.startsWith(tail.slice(at))) return `${text.slice(0, text.length - tail.length + at)}[redacted]`
  }
  return text
}

function escapeForPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}
