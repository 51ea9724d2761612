import { mostDigits, numberMember, textMember } from './added-members.ts'
import { addExtras } from './access-log-extras.ts'
import type { AddedMember } from './parser.ts'
import { closingQuote, endOfWord, hasShape, isAllDigits, quote } from './text-scan.ts'

/**
 * Access logs of nginx, Apache and all who write like them: common, combined, with the virtual host in front, and with
 * more behind. `undefined` for any other line. By hand: a hostile line costs no more than its length.
 */
export function parseAccessLine(text: string): AddedMember[] | undefined {
  const time = timeInBrackets(text)
  if (!time || text.charCodeAt(time.close + 2) !== quote) return undefined
  const requestAt = time.close + 2
  const requestEnd = closingQuote(text, requestAt)
  const statusAt = requestEnd + 2
  if (requestEnd < 0 || !isAllDigits(text, statusAt, statusAt + 3)) return undefined
  const bytesAt = statusAt + 4
  const bytesEnd = endOfWord(text, bytesAt)
  const bytes = text.slice(bytesAt, Math.max(bytesEnd, bytesAt))
  if (bytes !== '' && bytes !== '-' && !(bytes.length <= mostDigits && isAllDigits(bytes))) return undefined
  const members = [textMember('@timestamp', text.slice(time.open + 1, time.close))]
  addClient(members, text.slice(0, time.open).trimEnd())
  addRequest(members, text.slice(requestAt + 1, requestEnd))
  members.push(numberMember('http.response.status_code', text.slice(statusAt, statusAt + 3)))
  if (bytes !== '' && bytes !== '-') members.push(numberMember('http.response.body.bytes', bytes))
  addExtras(members, text.slice(bytesEnd + 1))
  return members
}

/** Of what stands in brackets. Bounded: brackets that never close must not be looked for to the end again and again. */
const longestTime = 40

/** `[20/Jan/2026:10:00:00 +0000]`, with something in front of it: the first brackets that hold a date. */
function timeInBrackets(text: string): { open: number; close: number } | undefined {
  for (let open = text.indexOf('[', 1); open >= 0; open = text.indexOf('[', open + 1)) {
    if (!hasShape(text, open + 1, '00/') || !hasShape(text, open + 7, '/0000')) continue
    const length = text.slice(open, open + longestTime).indexOf(']')
    return length < 0 ? undefined : { open, close: open + length }
  }
  return undefined
}

/** `[HOST[:PORT] ]ADDRESS IDENT USER`; ingress-nginx once wrote `ADDRESS - [FORWARDED] - USER`. */
function addClient(members: AddedMember[], head: string): void {
  const words = head.split(' ')
  const hasHost = words.length > 3 && words[1] !== '-' && words[2] === '-'
  if (hasHost) addHost(members, words.shift()!)
  const [address, ident = '-', ...rest] = words
  members.push(textMember('source.address', address!))
  if (ident !== '-') members.push(textMember('user.ident', ident))
  const user = rest.filter((word) => word !== '-' && !isBracketed(word)).join(' ')
  if (user !== '') members.push(textMember('user.name', user))
}

const isBracketed = (word: string): boolean => word.startsWith('[') && word.endsWith(']')

function addHost(members: AddedMember[], host: string): void {
  const colon = host.lastIndexOf(':')
  const hasPort = colon > 0 && host.length - colon <= 6 && isAllDigits(host, colon + 1)
  members.push(textMember('url.domain', hasPort ? host.slice(0, colon) : host))
  if (hasPort) members.push(numberMember('url.port', host.slice(colon + 1)))
}

/** `GET /path HTTP/1.1`. What scanners send instead is kept whole; a connection without a request is `-`. */
export function addRequest(members: AddedMember[], request: string): void {
  if (request === '-' || request === '') return
  const methodEnd = request.indexOf(' ')
  const versionAt = request.lastIndexOf(' HTTP/')
  const method = request.slice(0, Math.max(methodEnd, 0))
  if (!/^[A-Za-z_-]{1,32}$/.test(method)) {
    members.push(textMember('http.request.original', request))
    return
  }
  const hasVersion = versionAt >= methodEnd
  members.push(textMember('http.request.method', method))
  const url = request.slice(methodEnd + 1, hasVersion ? versionAt : undefined)
  if (url !== '') members.push(textMember('url.original', url))
  if (hasVersion) members.push(textMember('http.version', request.slice(versionAt + 6)))
}
