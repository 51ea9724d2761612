import { authorizationKeys, findAuthorization } from './authorization.ts'
import { findCardNumbers, isCardNumber } from './card-number.ts'
import { findEmails } from './email.ts'
import { namedValueFinder } from './named-values.ts'
import { patternFinder } from './places.ts'
import type { Finder, Places } from './places.ts'
import { findTokens, tokenHint, tokenKeys } from './tokens.ts'

/** A kind of secret that `redact` knows by itself. */
export interface Preset {
  readonly summary: string
  /** What a line has at least that holds such a secret or name: most lines have none, and are done with that. */
  readonly hint: RegExp
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
  email: { summary: 'e-mail addresses', hint: /@/, find: findEmails },
  credit_card: {
    summary: 'card numbers with a right check digit (Luhn), in one piece or in groups',
    hint: /\d(?:[ -]?\d){12}/,
    find: findCardNumbers,
    isSecretNumber: isCardNumber,
  },
  token: {
    summary:
      'tokens that can be told by how they look (JWT, AWS, GitHub, Slack, …) or by their name, and private keys',
    hint: tokenHint,
    find: findTokens,
    keys: tokenKeys,
  },
  password: {
    summary: 'what stands behind `password=`, `"password":` and the like, and passwords in URLs',
    hint: /pass|pwd|secret|credential|:\/\//i,
    find: (text, places) => {
      passwordsByName(text, places)
      findInUrls(text, places)
    },
    keys: /(?:^|[-_.a-z0-9])(?:password|passwd|passphrase|passcode|pwd|secret|credentials?)$|^pass$|[-_.]pass$/i,
  },
  authorization: {
    summary: 'credentials of `Authorization`, cookies and API keys of HTTP headers',
    hint: /authorization|cookie|bearer|basic|x[-_.](?:api|auth|amz|access|csrf)/i,
    find: findAuthorization,
    keys: authorizationKeys,
  },
  ipv4: {
    summary: 'IPv4 addresses',
    hint: /\d\.\d/,
    find: patternFinder(new RegExp(`(?<![\\w.])(?:${octet}\\.){3}${octet}(?![\\w]|\\.\\d)`, 'g')),
  },
} as const satisfies Readonly<Record<string, Preset>>

export type PresetName = keyof typeof presets
// oxlint-disable-next-line no-unsafe-type-assertion -- the keys of the object above
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]]

/** What `{ "redact": {} }` looks for: addresses tell hosts apart in most logs, and are asked for by name. */
export const usualPresets: readonly PresetName[] = presetNames.filter((name) => name !== 'ipv4')
