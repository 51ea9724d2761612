import type { Places } from './places.ts'

const fewestDigits = 13
const mostDigits = 19

/** How the numbers of the large issuers begin, and how long they are: a random number is none in 99 of 100 cases. */
const issuers: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^3(?:0[0-5]|[689])/, [14, 15, 16, 17, 18, 19]],
  [/^(?:6011|64[4-9]|65)/, [16, 17, 18, 19]],
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]],
  [/^62/, [16, 17, 18, 19]],
  [/^(?:50|5[6-9]|6[0-9])/, [13, 14, 15, 16, 17, 18, 19]],
]

export function isCardNumber(digits: string): boolean {
  if (digits.length < fewestDigits || digits.length > mostDigits) return false
  if (!issuers.some(([begin, lengths]) => lengths.includes(digits.length) && begin.test(digits))) return false
  return hasCheckDigit(digits) && !/^(\d)\1+$/.test(digits)
}

/** Luhn's sum. */
function hasCheckDigit(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48
    const doubled = index % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** Card numbers in one piece, or in groups that are parted by one space or one hyphen each. */
export function findCardNumbers(text: string, places: Places): void {
  for (const run of text.matchAll(/\d+(?:[ -]\d+)*/g)) {
    if (run[0].length >= fewestDigits) findInRun(run[0], run.index, places)
  }
}

function findInRun(run: string, offset: number, places: Places): void {
  const groups = [...run.matchAll(/\d+/g)].map((group) => ({ at: group.index, digits: group[0] }))
  for (let first = 0; first < groups.length; first++) {
    const last = lastOfCard(run, groups, first)
    if (last < 0) continue
    places.push(offset + groups[first]!.at, offset + groups[last]!.at + groups[last]!.digits.length)
    first = last
  }
}

/** Of the groups that make a card number with the first one, the last; the longest number wins. */
function lastOfCard(run: string, groups: readonly { at: number; digits: string }[], first: number): number {
  let digits = ''
  let found = -1
  let separator = ''
  for (let index = first; index < groups.length; index++) {
    const group = groups[index]!
    const before = index === first ? '' : run[group.at - 1]!
    if (index === first + 1) separator = before
    if (before !== (index === first ? '' : separator)) break
    digits += group.digits
    if (digits.length > mostDigits) break
    if (isCardNumber(digits)) found = index
  }
  return found
}
