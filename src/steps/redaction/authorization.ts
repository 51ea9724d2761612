import { namedValueFinder } from './named-values.ts'
import type { Finder, Places } from './places.ts'

const schemes = /(?:Bearer|Basic|Token|ApiKey|Api-Key|Negotiate|NTLM|GenieKey|Splunk)\s+/iy
/** Their credentials are many words. */
const longSchemes = /(?:Digest|AWS4-HMAC-SHA256|OAuth|Hawk|Signature|HMAC-SHA256)\s+/iy

const endOfLine = (text: string, from: number): number => {
  const end = text.slice(from).search(/[\r\n]/)
  return end < 0 ? text.length : from + end
}

const header = namedValueFinder(/authorization/gi, {
  unquoted(text, from) {
    longSchemes.lastIndex = from
    if (longSchemes.test(text)) return [longSchemes.lastIndex, endOfLine(text, longSchemes.lastIndex)]
    schemes.lastIndex = from
    const start = schemes.test(text) ? schemes.lastIndex : from
    const end = text.slice(start).search(/[\s"',;]/)
    return [start, end < 0 ? text.length : start + end]
  },
})

const cookies = namedValueFinder(/(?<![\w])(?:set-)?cookie2?(?=["'\\]{0,8}\s{0,8}:)/gi, {
  unquoted: (text, from) => [from, endOfLine(text, from)],
})

const apiKeys = namedValueFinder(/x-(?:api-key|auth-token|amz-security-token|access-token|csrf-token)/gi)

/** A scheme without its header. Words may stand behind these: `Basic authentication`. */
function findSchemes(text: string, places: Places): void {
  for (const match of text.matchAll(/(?<!\w)(Bearer|Basic)\s{1,8}([\w.~+/=-]{8,})/gi)) {
    const [whole, scheme, value] = [match[0], match[1]!.toLowerCase(), match[2]!]
    const isSecret = scheme === 'basic' ? Buffer.from(value, 'base64').includes(':') : /\d|\.\w/.test(value)
    const end = match.index + whole.length
    if (isSecret) places.push(end - value.length, end)
  }
}

export const findAuthorization: Finder = (text, places) => {
  header(text, places)
  cookies(text, places)
  apiKeys(text, places)
  findSchemes(text, places)
}

export const authorizationHints = [
  'authorization',
  'cookie',
  'bearer',
  'basic',
  ...['-', '_', '.'].flatMap((sign) =>
    ['api', 'auth', 'amz', 'access', 'csrf'].map((name) => `x${sign}${name}`),
  ),
]

export const authorizationKeys =
  /^(?:proxy[-_.]?)?authorization$|^(?:set[-_.]?)?cookies?$|^x[-_.](?:api[-_.]?key|auth[-_.]?token|amz[-_.]security[-_.]token|csrf[-_.]?token)$/i
