/** The secret texts of the running config, so that whatever leaves the process can be cleaned of them. */
export class Secrets {
  readonly #values = new Set<string>()

  /** Remembers a secret. Texts shorter than 4 characters are not kept: hiding them would blank ordinary words. */
  add(value: string): void {
    if (value.length >= 4) this.#values.add(value)
  }

  /** Replaces every secret in `text` by `[redacted]`, also where it stands URL-encoded, base64 or JSON-escaped. */
  redact(text: string): string {
    let clean = text
    for (const value of this.#values) {
      for (const form of [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]) {
        if (clean.includes(form)) clean = clean.split(form).join('[redacted]')
      }
    }
    return clean
  }
}
