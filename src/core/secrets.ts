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
    for (const form of [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), base64]) {
      this.#forms.add(form)
    }
    this.#pattern = undefined
  }

  /** Remembers a user name: hidden only where it is a word of its own, or `elastic` would blank half of `elasticsearch`. */
  addName(value: string): void {
    if (value.length < 4) return
    this.#names.add(value)
    this.#pattern = undefined
  }

  /** Replaces every secret in `text` by `[redacted]`, also where it stands URL-encoded, base64 or JSON-escaped. */
  redact(text: string): string {
    if (this.#forms.size + this.#names.size === 0) return text
    this.#pattern ??= this.#compile()
    return text.replace(this.#pattern, '[redacted]')
  }

  #compile(): RegExp {
    // Longest first: of two secrets that begin alike the shorter one would leave the longer one's rest.
    const forms = [...this.#forms].sort((a, b) => b.length - a.length).map(escapeForPattern)
    const names = [...this.#names].map(
      (name) => `(?<![\\p{L}\\p{N}_])${escapeForPattern(name)}(?![\\p{L}\\p{N}_])`,
    )
    return new RegExp([...forms, ...names].join('|'), 'gu')
  }
}

function escapeForPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}
