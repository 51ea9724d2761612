import { mostDigits, numberMember, textMember } from './added-members.ts'
import type { AddedMember } from './parser.ts'
import { closingQuote, isAllDigits, quote } from './text-scan.ts'

/**
 * What stands behind the size of the answer: referrer and user agent of the combined format, then whatever an operator
 * has added. What can be told by its look gets a name (forwarded addresses, nginx's request_length and request_time);
 * the rest is kept as `extra`.
 */
export function addExtras(members: AddedMember[], rest: string): void {
  let behind = rest
  const agent = referrerAndAgent(rest)
  if (agent) {
    if (agent.referrer !== '-' && agent.referrer !== '')
      members.push(textMember('http.request.referrer', agent.referrer))
    if (agent.name !== '-' && agent.name !== '') members.push(textMember('user_agent.original', agent.name))
    behind = rest.slice(agent.end)
  }
  const extra = addKnown(members, behind.trim()).trim()
  if (extra !== '') members.push(textMember('extra', extra))
}

function referrerAndAgent(rest: string): { referrer: string; name: string; end: number } | undefined {
  if (rest.charCodeAt(0) !== quote) return undefined
  const referrerEnd = closingQuote(rest, 0)
  if (referrerEnd < 0 || rest.charCodeAt(referrerEnd + 2) !== quote) return undefined
  const end = closingQuote(rest, referrerEnd + 2)
  if (end < 0) return undefined
  return { referrer: rest.slice(1, referrerEnd), name: rest.slice(referrerEnd + 3, end), end: end + 1 }
}

/** Takes known words off the front; what is left. */
function addKnown(members: AddedMember[], extras: string): string {
  const forwarded = forwardedAddresses(extras)
  if (forwarded !== undefined && forwarded !== '-')
    members.push(textMember('http.request.header.x-forwarded-for', forwarded))
  const left = forwarded === undefined ? extras : extras.slice(forwarded.length + 2).trimStart()
  const [first = '', second = ''] = left.slice(0, 64).split(' ')
  if (isSeconds(first)) {
    members.push(durationMember(first))
    return left.slice(first.length)
  }
  if (!isAllDigits(first) || first.length > mostDigits || !isSeconds(second)) return left
  members.push(numberMember('http.request.bytes', first), durationMember(second))
  return left.slice(first.length + 1 + second.length)
}

/** The quoted text at the start, where it is a list of addresses or the `-` for none. */
function forwardedAddresses(extras: string): string | undefined {
  if (extras.charCodeAt(0) !== quote) return undefined
  const end = closingQuote(extras, 0)
  const text = extras.slice(1, end)
  if (end < 0 || text.length > 1024) return undefined
  return text === '-' || (/^[\da-fA-F.:, [\]]+$/.test(text) && /[.:]/.test(text)) ? text : undefined
}

/** nginx writes `$request_time` with three digits behind the point, always; Apache's whole numbers could be any unit. */
function isSeconds(word: string): boolean {
  const point = word.indexOf('.')
  return (
    point > 0 &&
    point <= 9 &&
    word.length === point + 4 &&
    isAllDigits(word, 0, point) &&
    isAllDigits(word, point + 1)
  )
}

/** ECS has it in nanoseconds. */
const durationMember = (seconds: string): AddedMember =>
  numberMember('event.duration', `${seconds.replace('.', '')}000000`)
