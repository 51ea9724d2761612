import type { AgentPaths } from '../../enrich/agent-paths.ts'
import { noRole } from '../../enrich/member-roles.ts'
import type { MemberRole, Place } from '../../enrich/member-roles.ts'
import { deepestTrace, roleInside } from '../../enrich/trace.ts'
import type { TraceRole } from '../../enrich/trace.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import * as state from '../../kernel/wasm/lane-state.ts'
import * as table from '../../kernel/wasm/meeting-table.ts'
import { containers, meaningOfPlaces, meaningOfText } from './key-meaning.ts'
import { MeetingList, SharedTexts } from './meeting-list.ts'
import { mayBeTaken, meetingOf } from './path-meeting.ts'
import type { PathMeeting } from './path-meeting.ts'

/** What is looked for among the members of an object within a line. */
interface Context {
  readonly times: readonly Place[]
  readonly levels: readonly Place[]
  readonly trace: TraceRole | undefined
  /** How deep ids of traces are looked for. */
  readonly depth: number
  readonly paths: AgentPaths | undefined
}

/** What is known of a source's names. */
interface KeysOf {
  readonly roleOf: (key: string) => MemberRole
  readonly paths: AgentPaths
  readonly findsTrace: boolean
  /** Steps look at the lines, and may look for these keys: their numbers. */
  readonly hasSteps: boolean
  readonly watched: ReadonlyMap<string, number>
}

/** What the names of a line's members mean, and of those in its objects where something is looked for. */
export class KeyMeanings {
  readonly meetings: MeetingList
  readonly shared: SharedTexts
  readonly #roleOf: (key: string) => MemberRole
  readonly #paths: AgentPaths
  readonly #findsTrace: boolean
  readonly #hasSteps: boolean
  readonly #watched: ReadonlyMap<string, number>
  /** Behind the line itself, which is 0. */
  readonly #contexts: Context[] = []
  readonly #pathIds = new Map<AgentPaths | undefined, number>()
  readonly #contextIds = new Map<string, number>()

  constructor(roles: KeysOf, kernel: Kernel) {
    this.#roleOf = roles.roleOf
    this.#paths = roles.paths
    this.#findsTrace = roles.findsTrace
    this.#hasSteps = roles.hasSteps
    this.#watched = roles.watched
    this.meetings = new MeetingList(kernel)
    this.shared = new SharedTexts(kernel)
    this.#placeWatched()
  }

  /** Makes room for other names: what was said of keys before holds no longer. */
  forget(): void {
    this.meetings.clear()
    this.#placeWatched()
  }

  /** They have their places before any line's names take them. */
  #placeWatched(): void {
    for (const key of this.#watched.keys()) this.ofLine(key)
  }

  /** Of a member of the line, in bits of `key…`. */
  ofLine(key: string): number {
    const role = this.#roleOf(key)
    if (role === noRole && !this.#watched.has(key)) return mayBeTaken(key) ? state.keyTaken : 0
    const { times, levels, trace } = role
    const paths = role.meets && key !== '@timestamp' ? this.#paths : undefined
    const meaning = this.#meaning(0, key, { times, levels, trace, depth: 0, paths })
    return role.meets && key === '@timestamp' ? meaning | state.keyTimestamp : meaning
  }

  /** Of a member of an object that is looked at as `context`. */
  inside(context: number, key: string): number {
    if (context === table.logfmtContext) return this.#ofPair(key)
    const outer = this.#contexts[context - 1]
    if (!outer) return state.keyRefused
    const times = placesInside(outer.times, key)
    const levels = placesInside(outer.levels, key)
    const trace = outer.trace && roleInside(outer.trace, key)
    return this.#meaning(context, key, { ...outer, times, levels, trace })
  }

  /** Of a key of logfmt, whose value is a text. */
  #ofPair(key: string): number {
    const role = this.#roleOf(key)
    const taken = mayBeTaken(key) ? state.keyTaken : 0
    if (role === noRole) return taken
    const own = meaningOfText(role)
    const met = role.meets ? meetingOf(this.#paths, key, this.#findsTrace) : undefined
    if (own === state.keyRefused || !met || met.leaf === 'parser')
      return own | (own === state.keyRefused ? 0 : taken)
    const makesRoom = met.kind === table.meetingRenamed || met.kind === table.meetingOuter
    // `log.logger.x` makes room only where another member meets us too.
    if (!makesRoom || !role.meetsParsed || !this.#canSettle(met)) return state.keyRefused
    const meeting = { kind: table.meetingRenamed, name: met.name, context: 0, shared: 0, watched: 0 }
    const index = this.meetings.indexOf(table.logfmtContext, key, () => meeting)
    if (index === undefined) return state.keyRefused
    return (own | taken | state.keyMeets | (index << state.keyIndexShift)) >>> 0
  }

  /** `member`: what is looked for in it, paths among which its name is. */
  #meaning(context: number, key: string, member: Context): number {
    const { times, levels, trace, depth } = member
    const own = meaningOfPlaces(times, levels, trace)
    const met = member.paths && meetingOf(member.paths, key, this.#findsTrace)
    const watched = context === 0 ? (this.#watched.get(key) ?? 0) : 0
    const isRefused = own === state.keyRefused || (met && !this.#canSettle(met))
    const isContainer = trace !== undefined && containers.has(trace) && depth < deepestTrace
    const inside = this.#contextOf({
      times: times.filter(({ rest }) => rest !== ''),
      levels: levels.filter(({ rest }) => rest !== ''),
      trace: isContainer ? trace : undefined,
      depth: depth + 1,
      paths: met?.inside,
    })
    const taken = mayBeTaken(key) ? state.keyTaken : 0
    if (isRefused === true && watched === 0) return state.keyRefused
    if (!met && inside === 0 && watched === 0) return own | taken
    if (met?.kind === table.meetingSame) this.shared.want()
    const index = this.meetings.indexOf(context, key, () => ({
      kind: met?.kind ?? table.meetingNone,
      name: met?.name ?? '',
      context: inside,
      shared: met?.shared ?? 0,
      watched,
    }))
    if (index === undefined) return state.keyRefused
    const place = (index << state.keyIndexShift) | (watched === 0 ? 0 : state.keyWatched)
    if (isRefused === true) return state.keyRefused | place
    return own | taken | place | (met ? state.keyMeets : 0) | (inside === 0 ? 0 : state.keyInner)
  }

  /** Steps may mean the line's own member or ours by the same name: only the general lane knows which. */
  #canSettle({ kind }: PathMeeting): boolean {
    return kind !== undefined && !this.#hasSteps
  }

  /** Its number, 0 where nothing is looked for. Few kinds of objects have something in them, however many names they have. */
  #contextOf(context: Context): number {
    const { times, levels, trace, depth, paths } = context
    if (times.length + levels.length === 0 && trace === undefined && !paths) return 0
    const pathId = this.#pathIds.get(paths) ?? this.#pathIds.size
    this.#pathIds.set(paths, pathId)
    const id = JSON.stringify([times, levels, trace, depth, pathId])
    const known = this.#contextIds.get(id)
    if (known !== undefined) return known
    this.#contexts.push(context)
    this.#contextIds.set(id, this.#contexts.length)
    return this.#contexts.length
  }
}

/** What is left of the names that lead into an object, behind a member of it. */
const placesInside = (places: readonly Place[], key: string): Place[] =>
  places.flatMap(({ rank, rest }): Place[] => {
    if (rest === key) return [{ rank, rest: '' }]
    return rest.startsWith(`${key}.`) ? [{ rank, rest: rest.slice(key.length + 1) }] : []
  })
