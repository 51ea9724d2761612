import { Secrets } from '../core/secrets.ts'
import { pathText } from './finding.ts'
import type { Path } from './finding.ts'
import type { Interpolated } from './interpolate.ts'
import { isObject, mapValues } from './values.ts'

export const redacted = '[redacted]'

/** What the contract calls secret by its place: all under `auth`, header values, and `token` keys. */
const secretSections = new Set(['auth', 'headers'])
/**
 * Keys that smell of a secret, known or not: `"password"` written one level too high is an unknown key, and the error
 * about it quotes the line.
 */
const secretWords =
  /passw|passphrase|^pass$|^pwd?$|secret|token|api_?key|credential|bearer|authorization|private|basic_auth/i

/** Below these keys people choose the names: a source may well be called `auth`. */
const namingSections = new Set(['sources', 'sinks', 'fields', 'labels', 'add', 'rename'])

export function isSecretPath(path: Path): boolean {
  return path.some((segment, index) => {
    if (typeof segment !== 'string' || namingSections.has(String(path[index - 1]))) return false
    return secretSections.has(segment) || secretWords.test(segment)
  })
}

/** What goes before, and the user info: of a URL all up to the last `@`, else what looks like `user:password@` or `//user@`. */
const userInfoForms: readonly RegExp[] = [
  /(^"?[a-z][a-z0-9+.-]*:\/{0,3})([^\s"]+)(?=@)/gi,
  /()([^/@\s"[\]]*:[^/@\s"]*)(?=@)/g,
  /(\/\/)([^/@\s"[\]]+)(?=@)/g,
]

/** The text with user info in URLs blanked. */
export function withoutUserInfo(text: string): string {
  if (!text.includes('@')) return text
  return userInfoForms.reduce((clean, form) => clean.replaceAll(form, `$1${redacted}`), text)
}

const userInfosIn = (text: string): string[] =>
  userInfoForms.flatMap((form) => [...text.matchAll(form)].map((match) => match[2]!))

const urlKeys = new Set(['nodes', 'url', 'proxy'])

const isUrlPath = (path: Path): boolean => path.slice(2).some((segment) => urlKeys.has(String(segment)))

/** A URL that is none and has more behind a colon than a port: with a forgotten `@` that is a password. */
export function mayHideUserInfo(path: Path, value: unknown): boolean {
  if (typeof value !== 'string' || URL.canParse(value)) return false
  return isUrlPath(path) && /^(?:[a-z][a-z0-9+.-]*:\/*)?[^/\s]*:[^/]*[^\d/]/i.test(value)
}

/** Every secret text of a config, whatever form it may come back in. */
export function collectSecrets({
  value,
  secrets: fromFiles,
}: Pick<Interpolated, 'value' | 'secrets'>): Secrets {
  const secrets = new Secrets()
  for (const content of fromFiles) {
    secrets.add(content)
    // Of a secret in several lines (a PEM file) an error may show one.
    for (const line of content.split(/\r?\n/).filter(({ length }) => length >= 8)) secrets.add(line)
  }
  visitStrings(value, [], (text, path) => {
    if (isSecretPath(path)) addByPlace(secrets, text, path)
    if (text.includes('://') || isUrlPath(path))
      for (const info of userInfosIn(text)) addUserInfo(secrets, info)
  })
  visitAuth(value, ({ username, password }) => {
    if (typeof username === 'string' && typeof password === 'string') secrets.add(`${username}:${password}`)
  })
  return secrets
}

function addByPlace(secrets: Secrets, text: string, path: Path): void {
  if (path.at(-1) === 'username') return secrets.addName(text)
  secrets.add(text)
  // `Authorization: Basic dXNlcjpwYXNz` as a header value: a server may quote the part after the scheme.
  const bare = /^(?:Basic|Bearer|ApiKey)\s+(\S+)$/i.exec(text)?.[1]
  if (bare) secrets.add(bare)
}

function addUserInfo(secrets: Secrets, info: string): void {
  const [user, password] = splitAtColon(info)
  secrets.addName(user)
  secrets.addName(decode(user))
  if (password === '') return
  for (const part of [info, password, decode(password), `${decode(user)}:${decode(password)}`])
    secrets.add(part)
}

function splitAtColon(info: string): [string, string] {
  const colon = info.indexOf(':')
  return colon < 0 ? [info, ''] : [info.slice(0, colon), info.slice(colon + 1)]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function visitStrings(value: unknown, path: Path, visit: (text: string, path: Path) => void): void {
  if (typeof value === 'string') visit(value, path)
  else if (Array.isArray(value)) value.forEach((item, index) => visitStrings(item, [...path, index], visit))
  else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) visitStrings(item, [...path, key], visit)
  }
}

function visitAuth(value: unknown, visit: (auth: Readonly<Record<string, unknown>>) => void): void {
  if (!isObject(value)) return
  for (const [key, item] of Object.entries(value)) {
    if (key === 'auth' && isObject(item)) visit(item)
    else visitAuth(item, visit)
  }
}

/** A copy of the config that may be shown: secrets blanked by their place, whatever their length. */
export function redactConfig(value: unknown, fromFiles: ReadonlySet<string>, path: Path = []): unknown {
  if (Array.isArray(value)) return value.map((item, index) => redactConfig(item, fromFiles, [...path, index]))
  if (isObject(value)) return mapValues(value, (item, key) => redactConfig(item, fromFiles, [...path, key]))
  const isSecret = isSecretPath(path) || fromFiles.has(pathText(path))
  if (isSecret && value !== null && value !== undefined) return redacted
  return typeof value === 'string' ? withoutUserInfo(value) : value
}
