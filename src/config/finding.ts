/** Where something stands in the config: keys and indexes from the top. */
export type Path = readonly (string | number)[]

/** Something about the config that somebody has to know. All findings of a load are shown together. */
export interface Finding {
  readonly path: Path
  /** Whether the key or its value is what is wrong. The value where it does not say. */
  readonly at?: 'key' | 'value'
  readonly severity: 'error' | 'warning'
  /**
   * From here on nobody knows what the values mean (an unknown key, a component of unknown type): a misspelt `auth` is no
   * less secret, so they are not shown.
   */
  readonly hides?: Path
  /** For people, without path and position. Never holds a secret. */
  readonly message: string
}

export const failure = (path: Path, message: string, at: 'key' | 'value' = 'value'): Finding => ({
  path,
  at,
  severity: 'error',
  message,
})
export const unknownKeyAt = (path: Path, message: string): Finding => ({
  ...failure(path, message, 'key'),
  hides: path,
})
export const warning = (path: Path, message: string, at: 'key' | 'value' = 'value'): Finding => ({
  path,
  at,
  severity: 'warning',
  message,
})

/** `sinks.es.nodes[0]`; keys that are no plain words are quoted. */
export function pathText(path: Path): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`
    else if (/^[\w$-]+$/.test(segment)) text += `${text ? '.' : ''}${segment}`
    else text += `[${JSON.stringify(segment)}]`
  }
  return text
}
