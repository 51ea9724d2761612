import { valueAt } from '../parsers/json-object.ts'
import type { JsonObject } from '../parsers/json-object.ts'
import type { MemberSpan } from '../parsers/json-spans.ts'

/** Names are looked at this deep: no path of the agent's is deeper, and a name of 100,000 dots must stay cheap. */
const deepest = 16
/** After so many tries a number makes the name free: a line of 20,000 members called `host` must stay cheap too. */
const mostTries = 4

interface Renaming {
  readonly suffix: string
  /** Whether the agent itself may write a segment of that name here. */
  isOurs(segment: string): boolean
}

/** The names among the members of one object, for finding free ones. */
export class SiblingNames {
  readonly #object: JsonObject
  readonly #duplicates = new Set<string>()
  /** Every name, and each name of the objects that dotted ones stand for. */
  readonly #taken = new Set<string>()
  readonly #given = new Set<string>()

  constructor(object: JsonObject, spans: readonly MemberSpan[]) {
    this.#object = object
    const seen = new Set<string>()
    for (const { key } of spans) {
      if (seen.has(key)) this.#duplicates.add(key)
      else this.#addTaken(key)
      seen.add(key)
    }
  }

  isDuplicate(key: string): boolean {
    return this.#duplicates.has(key)
  }

  /** The name with `suffix` behind segment `index`, and `_original` behind that until nobody is called so. */
  free(segments: readonly string[], index: number, renaming: Renaming): string {
    const before = segments
      .slice(0, index)
      .map((segment) => `${segment}.`)
      .join('')
    const behind = segments
      .slice(index + 1)
      .map((segment) => `.${segment}`)
      .join('')
    let segment = segments[index]! + renaming.suffix
    for (let tries = 1; !this.#isFree(before + segment, behind) || renaming.isOurs(segment); tries++) {
      segment += tries < mostTries ? '_original' : `_${this.#given.size}`
    }
    this.#given.add(before + segment + behind)
    return before + segment + behind
  }

  #isFree(name: string, behind: string): boolean {
    return (
      !this.#taken.has(name) && !this.#given.has(name + behind) && valueAt(this.#object, name) === undefined
    )
  }

  #addTaken(key: string): void {
    this.#taken.add(key)
    let dot = key.indexOf('.')
    for (let depth = 1; dot > 0 && depth < deepest; depth++) {
      this.#taken.add(key.slice(0, dot))
      dot = key.indexOf('.', dot + 1)
    }
  }
}
