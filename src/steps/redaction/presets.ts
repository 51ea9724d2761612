import { authorizationHints, authorizationKeys, findAuthorization } from './authorization.ts'
import { findCardNumbers, isCardNumber } from './card-number.ts'
import { findEmails } from './email.ts'
import { card, hintedBy } from './hints.ts'
import type { HintText } from './hints.ts'
import { namedValueFinder } from './named-values.ts'
import { patternFinder } from './places.ts'
import type { Finder, Places } from './places.ts'
import { findTokens, tokenHints, tokenKeys } from './tokens.ts'

/** A kind of secret that `redact` knows by itself. */
export interface Preset {
  readonly summary: string
  /** What a line has at least that holds such a secret or name: most lines have none, and are done with that. */
  readonly hint: RegExp
  /** The same for the fast lane, if it is of that form. */
  readonly hintTexts: readonly HintText[] | undefined
  readonly find: Finder
  /** Members of these names are secret as a whole. */
  readonly keys?: RegExp
  /** A whole number that is secret by itself. */
  readonly isSecretNumber?: (digits: string) => boolean
}

const passwordsByName = namedValueFinder(
  /password|passwd|passphrase|passcode|pwd|secret|credentials?|(?<![a-z0-9])pass/gi,
)

/** `https://user:password@host`. */
function findInUrls(text: string, places: Places): void {
  for (const match of text.matchAll(/:\/\/[^\s/:@]{0,256}:([^\s/]+)@/g)) {
    const end = match.index + match[0].length - 1
    places.push(end - match[1]!.length, end)
  }
}

const octet = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)'

export const presets = {
  email: { summary: 'e-mail addresses', ...hintedBy(['@']), find: findEmails },
  credit_card: {
    summary: 'card numbers with a right check digit (Luhn), in one piece or in groups',
    hint: /\d(?:[ -]?\d){12}/,
    hintTexts: [card],
    find: findCardNumbers,
    isSecretNumber: isCardNumber,
  },
  token: {
    summary:
      'tokens that can be told by how they look (JWT, AWS, GitHub, Slack, …) or by their name, and private keys',
    ...hintedBy(tokenHints),
    find: findTokens,
    keys: tokenKeys,
  },
  password: {
    summary: 'what stands behind `password=`, `"password":` and the like, and passwords in URLs',
    ...hintedBy(['pass', 'pwd', 'secret', 'credential', '://']),
    find: (text, places) => {
      passwordsByName(text, places)
      findInUrls(text, places)
    },
    keys: /(?:^|[-_.a-z0-9])(?:password|passwd|passphrase|passcode|pwd|secret|credentials?)$|^pass$|[-_.]pass$/i,
  },
  authorization: {
    summary: 'credentials of `Authorization`, cookies and API keys of HTTP headers',
    ...hintedBy(authorizationHints),
    find: findAuthorization,
    keys: authorizationKeys,
  },
  ipv4: {
    summary: 'IPv4 addresses',
    hint: /\d\.\d/,
    hintTexts: undefined,
    find: patternFinder(new RegExp(`(?<![\\w.])(?:${octet}\\.){3}${octet}(?![\\w]|\\.\\d)`, 'g')),
  },
} as const satisfies Readonly<Record<string, Preset>>

export type PresetName = keyof typeof presets
// oxlint-disable-next-line no-unsafe-type-assertion -- the keys of the object above
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]]

/** What `{ "redact": {} }` looks for: addresses tell hosts apart in most logs, and are asked for by name. */
export const usualPresets: readonly PresetName[] = presetNames.filter((name) => name !== 'ipv4')
