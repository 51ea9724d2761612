import { memberSpans } from '../parsers/json-spans.ts'
import type { MemberSpan } from '../parsers/json-spans.ts'
import type { AddedMember } from '../parsers/parser.ts'
import { cutsOf, spliced } from './json-places.ts'

/** Members that parsers made, edited: they are few and short, so each edit makes the list anew. */

/** What stands below a parser's member: `geo.city` of the member `geo`. */
interface AddedPlace {
  readonly member: AddedMember
  readonly members: readonly MemberSpan[]
  readonly index: number
  readonly json: string
}

const isBelow = (name: string, key: string): boolean =>
  name.length > key.length && name[key.length] === '.' && name.startsWith(key)

/** Places of a path below the members; those spelled so are found by their keys. */
export function placesInAdded(added: readonly AddedMember[], name: string): AddedPlace[] {
  return added.flatMap((member) =>
    isBelow(name, member.key) && member.json.startsWith('{')
      ? search(member, { bytes: Buffer.from(member.json), objectAt: 0 }, name.slice(member.key.length + 1))
      : [],
  )
}

function search(
  member: AddedMember,
  { bytes, objectAt }: { bytes: Buffer; objectAt: number },
  name: string,
): AddedPlace[] {
  const members = memberSpans(bytes, objectAt)
  return members.flatMap(({ key, valueStart, valueEnd }, index) => {
    if (key === name) return [{ member, members, index, json: bytes.toString('utf8', valueStart, valueEnd) }]
    if (!isBelow(name, key) || bytes[valueStart] !== 0x7b) return []
    return search(member, { bytes, objectAt: valueStart }, name.slice(key.length + 1))
  })
}

/** The list itself where nothing is called so. */
export function withoutPlaces(added: readonly AddedMember[], name: string): readonly AddedMember[] {
  const left = added.some(({ key }) => key === name) ? added.filter(({ key }) => key !== name) : added
  const places = placesInAdded(left, name)
  if (places.length === 0) return left
  return left.map((member) => {
    const own = places.filter((place) => place.member === member)
    if (own.length === 0) return member
    return editedMember(member, cutsOf(own))
  })
}

/** The list with the value at every place of that name, or undefined where there is none. */
export function withValue(
  added: readonly AddedMember[],
  name: string,
  { json, value }: AddedMember,
): readonly AddedMember[] | undefined {
  if (added.some(({ key }) => key === name))
    return added.map((member) => (member.key === name ? { key: name, json, value } : member))
  const places = placesInAdded(added, name)
  if (places.length === 0) return undefined
  return added.map((member) => {
    const own = places.filter((place) => place.member === member)
    if (own.length === 0) return member
    const edits = own.map(({ members, index }) => {
      const { valueStart: at, valueEnd } = members[index]!
      return { at, cut: valueEnd - at, insert: json }
    })
    return editedMember(member, edits)
  })
}

/** The member after some splices of its JSON text. */
export function editedMember(
  member: AddedMember,
  edits: { readonly at: number; readonly cut: number; readonly insert: string }[],
): AddedMember {
  const bytes = Buffer.from(member.json)
  const json = spliced(bytes, 0, bytes.length, edits).toString('utf8')
  return { key: member.key, json, value: JSON.parse(json) }
}
