import { valueAt } from '../parsers/json-object.ts'
import type { JsonObject } from '../parsers/json-object.ts'

/** Names are looked at this deep: no path of the agent's is deeper, and a name of 100,000 dots must stay cheap. */
const deepest = 16
/** After so many tries a number makes the name free: a line of 20,000 members called `host` must stay cheap too. */
const mostTries = 4
/** Objects with more members get an index; for others a look at each member costs less. */
const fewNames = 64

interface Renaming {
  readonly suffix: string
  /** Whether the agent itself may write a segment of that name here. */
  isOurs(segment: string): boolean
}

/** The names among the members of one object, for finding free ones. Most lines never ask: all is made when it is asked for. */
export class SiblingNames {
  readonly #object: JsonObject
  readonly #spanCount: number
  readonly #allKeys: () => readonly string[]
  readonly #given = new Set<string>()
  #names: readonly string[] | undefined
  #duplicates: ReadonlySet<string> | undefined
  #taken: ReadonlySet<string> | undefined

  /** `allKeys` are those of the text, duplicates included; `spanCount` is how many there are. */
  constructor(object: JsonObject, spanCount: number, allKeys: () => readonly string[]) {
    this.#object = object
    this.#spanCount = spanCount
    this.#allKeys = allKeys
  }

  isDuplicate(key: string): boolean {
    if (this.#ownNames().length === this.#spanCount) return false
    this.#duplicates ??= duplicatesOf(this.#allKeys())
    return this.#duplicates.has(key)
  }

  /** The name with `suffix` behind segment `index`, and `_original` behind that until nobody is called so. */
  free(segments: readonly string[], index: number, renaming: Renaming): string {
    const before = index === 0 ? '' : `${segments.slice(0, index).join('.')}.`
    const behind = index === segments.length - 1 ? '' : `.${segments.slice(index + 1).join('.')}`
    let segment = segments[index]! + renaming.suffix
    for (let tries = 1; !this.#isFree(before + segment, behind) || renaming.isOurs(segment); tries++) {
      segment += tries < mostTries ? '_original' : `_${this.#given.size}`
    }
    this.#given.add(before + segment + behind)
    return before + segment + behind
  }

  #ownNames(): readonly string[] {
    this.#names ??= Object.keys(this.#object)
    return this.#names
  }

  #isFree(name: string, behind: string): boolean {
    if (this.#given.has(name + behind) || valueAt(this.#object, name) !== undefined) return false
    const names = this.#ownNames()
    if (names.length <= fewNames)
      return !names.some((own) => own.startsWith(name) && own[name.length] === '.')
    this.#taken ??= outerNames(names)
    return !this.#taken.has(name)
  }
}

function duplicatesOf(keys: readonly string[]): Set<string> {
  const seen = new Set<string>()
  return new Set(keys.filter((key) => seen.has(key) || !seen.add(key)))
}

/** The objects that names with dots stand for: `a` and `a.b` of `a.b.c`. */
function outerNames(names: readonly string[]): Set<string> {
  const outer = new Set<string>()
  for (const name of names) {
    let dot = name.indexOf('.')
    for (let depth = 1; dot > 0 && depth < deepest; depth++) {
      outer.add(name.slice(0, dot))
      dot = name.indexOf('.', dot + 1)
    }
  }
  return outer
}
