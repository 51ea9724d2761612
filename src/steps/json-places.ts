import type { Edit } from '../core/event.ts'
import type { JsonLine } from '../parsers/json-line.ts'
import { isObjectAt } from '../parsers/json-value.ts'
import { cutMembers, memberSpans } from '../parsers/json-spans.ts'
import type { MemberSpan } from '../parsers/json-spans.ts'

/** One member of a line that a name means: the member among those of its object. Offsets are those of the line's buffer. */
export interface JsonPlace {
  readonly members: readonly MemberSpan[]
  readonly index: number
  /** At the top of the line and spelled just so; else the name was a path. */
  readonly isSpelled: boolean
  /** The part of the name that this member's own key is. */
  readonly key: string
}

export const spanOf = ({ members, index }: JsonPlace): MemberSpan => members[index]!

/** Members of objects by where their braces stand: cuts of one object have to know of each other. */
export type MembersAt = Map<number, readonly MemberSpan[]>

/**
 * All members that a name means, duplicates included: those spelled so, and those at the path, wherever in it a dot may
 * stand between keys or inside of one. What is to be gone must be gone from all of them.
 */
export function placesIn(json: JsonLine, name: string, seen: MembersAt = new Map()): JsonPlace[] {
  const places: JsonPlace[] = []
  if (!mayHold(json, name)) return places
  let members = seen.get(topLevel)
  if (!members) seen.set(topLevel, (members = topMembers(json)))
  collect(json.bytes, members, { name, isTop: true, places, seen })
  return places
}

const topLevel = -1

/** What the scan of the line has found already. */
function topMembers(json: JsonLine): MemberSpan[] {
  return Array.from({ length: json.count }, (_, index) => ({
    key: keyOf(json, index),
    keyStart: json.keyStart(index) - 1,
    keyEnd: json.keyEnd(index) + 1,
    valueStart: json.valueStart(index),
    valueEnd: json.valueEnd(index),
  }))
}

/** Most lines have no such member, which the keys' numbers tell without an object. */
function mayHold(json: JsonLine, name: string): boolean {
  for (let index = 0; index < json.count; index++) {
    const key = keyOf(json, index)
    if (key === name) return true
    if (isAbove(key, name) && isObjectAt(json.bytes, json.valueStart(index))) return true
  }
  return false
}

/** A key by its number: no string is made of it. */
export function keyOf(json: JsonLine, index: number): string {
  const id = json.keyId(index)
  return id < 0 ? json.key(index) : json.keys.key(id).text
}

/** The splices that take these members out of their objects. */
export function cutsOf(places: readonly Pick<JsonPlace, 'members' | 'index'>[]): Edit[] {
  const objects = new Map<readonly MemberSpan[], boolean[]>()
  for (const { members, index } of places) {
    const isCut = objects.get(members) ?? []
    isCut[index] = true
    objects.set(members, isCut)
  }
  return [...objects].flatMap(([members, isCut]) => cutMembers(members, isCut))
}

interface Search {
  readonly name: string
  readonly isTop: boolean
  readonly places: JsonPlace[]
  readonly seen: MembersAt
}

/** As deep as the name has dots. */
function collect(bytes: Buffer, members: readonly MemberSpan[], { name, isTop, places, seen }: Search): void {
  members.forEach(({ key, valueStart }, index) => {
    if (key === name) places.push({ members, index, isSpelled: isTop, key })
    else if (isAbove(key, name) && isObjectAt(bytes, valueStart)) {
      const rest = name.slice(key.length + 1)
      let inner = seen.get(valueStart)
      if (!inner) seen.set(valueStart, (inner = memberSpans(bytes, valueStart)))
      collect(bytes, inner, { name: rest, isTop: false, places, seen })
    }
  })
}

const isAbove = (key: string, name: string): boolean =>
  name.length > key.length && name[key.length] === '.' && name.startsWith(key)

/** A copy of `bytes[start, end)` with the splices of `edits`, whose places count from the buffer's beginning. */
export function spliced(bytes: Buffer, start: number, end: number, edits: Edit[]): Buffer {
  const sorted = edits.length > 1 ? edits.sort((a, b) => a.at - b.at || a.cut - b.cut) : edits
  const parts: Buffer[] = []
  let from = start
  for (const { at, cut, insert } of sorted) {
    parts.push(bytes.subarray(from, at))
    if (insert !== '') parts.push(Buffer.from(insert))
    from = at + cut
  }
  parts.push(bytes.subarray(from, end))
  return Buffer.concat(parts)
}
