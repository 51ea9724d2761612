import type { Places } from './places.ts'

/** Of the part before the @: letters of any alphabet, digits, and what RFC 5322 has but for what parts things in URLs. */
const isLocal = /[\p{L}\p{N}.!#$%'*+^_`~-]/u
const domain = /[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62}\.)[\p{L}\p{N}.-]{1,190}/uy

/** Looks from each @ to both sides: a pattern that begins with letters would try at every letter of a hostile line. */
export function findEmails(text: string, places: Places): void {
  let from = 0
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at
    while (start > from && isLocal.test(text[start - 1]!)) start--
    // What is quoted is no part of the address.
    start += /^[^\p{L}\p{N}]*/u.exec(text.slice(start, at))![0].length
    const end = endOfDomain(text, at + 1)
    if (start === at || end < 0) continue
    places.push(start, end)
    from = end
  }
}

function endOfDomain(text: string, from: number): number {
  domain.lastIndex = from
  const match = domain.exec(text)?.[0].replace(/[.-]+$/, '')
  return match !== undefined && /\.[\p{L}][\p{L}\p{N}-]*$/u.test(match) ? from + match.length : -1
}
