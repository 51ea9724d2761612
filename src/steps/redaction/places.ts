/** Start and end of each place in a text, one after the other. */
export type Places = number[]

/** What finds secrets in a text. Adds to `places`; linear in the text, whatever stands there. */
export type Finder = (text: string, places: Places) => void

/** The text with each place replaced; places that touch or overlap are one. */
export function replacePlaces(text: string, places: Places, replacement: (secret: string) => string): string {
  let replaced = ''
  let from = 0
  for (const [start, end] of merged(places)) {
    replaced += text.slice(from, start) + replacement(text.slice(start, end))
    from = end
  }
  return replaced + text.slice(from)
}

function merged(places: Places): (readonly [number, number])[] {
  const pairs: [number, number][] = []
  for (let index = 0; index < places.length; index += 2) pairs.push([places[index]!, places[index + 1]!])
  pairs.sort((a, b) => a[0] - b[0])
  const joined: [number, number][] = []
  for (const pair of pairs) {
    const last = joined.at(-1)
    if (last && pair[0] < last[1]) last[1] = Math.max(last[1], pair[1])
    else joined.push(pair)
  }
  return joined
}

/** Finds a pattern of ours, which must take linear time and begin with something rare. */
export const patternFinder =
  (pattern: RegExp): Finder =>
  (text, places) => {
    for (const match of text.matchAll(pattern)) places.push(match.index, match.index + match[0].length)
  }
