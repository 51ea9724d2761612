import { childPath } from './agent-paths.ts'
import type { AgentPaths } from './agent-paths.ts'
import type { JsonLine } from '../parsers/json-line.ts'
import type { KeyTable } from '../parsers/key-table.ts'
import { traceRole } from './trace.ts'
import type { TraceRole } from './trace.ts'

/** A member that may hold a value looked for: the value itself, or an object with it at `rest`. */
export interface Place {
  /** Its place in the list of names: the first one that is there and can be read counts. */
  readonly rank: number
  /** '' for the value itself. */
  readonly rest: string
}

/** What a top-level member of a certain name may mean to the agent. */
export interface MemberRole {
  readonly times: readonly Place[]
  readonly levels: readonly Place[]
  readonly trace: TraceRole | undefined
  /** Its name begins like a path that the agent can write. */
  readonly meets: boolean
  /** As a parser's member it stands in the way of such a path. Presets must not pay for `log.syslog.priority` or `log.logger`. */
  readonly meetsParsed: boolean
}

/** The names of the contract, in its order; behind them those of Serilog, compact and not. */
export const timeNames = '@timestamp timestamp time ts t datetime date asctime eventTime @t Timestamp'.split(
  ' ',
)
const levelTextNames =
  'log.level level severity lvl loglevel levelname severity_text severityText @l Level'.split(' ')
/** OpenTelemetry's numbers, 1 to 24, stand behind the texts. */
export const levelNames = [...levelTextNames, 'severity_number', 'severityNumber']
export const firstOpenTelemetryRank = levelTextNames.length

const noPlaces: readonly Place[] = []
/** Of nearly all members: compare with this one, it is the only such role. */
export const noRole: MemberRole = {
  times: noPlaces,
  levels: noPlaces,
  trace: undefined,
  meets: false,
  meetsParsed: false,
}

/** Members have few names; hostile lines have many and long ones, so what is remembered is bounded. */
const mostRemembered = 4096
const longestRemembered = 256

/** A name that means something or nothing, and where the line at hand has it. */
export interface KnownName {
  readonly key: string
  readonly role: MemberRole
  /** The last line that had it, by `MemberScan`'s count, and the last of its members of that name. */
  line: number
  index: number
}

/** What each name means, worked out once: most members mean nothing to us and cost one look into an array. */
export class MemberRoles {
  readonly #known = new Map<string, MemberRole>()
  /** By the key's number in the table of the lines' keys. */
  #names: KnownName[] = []
  #keys: KeyTable | undefined
  #epoch = -1
  readonly #timeNames: readonly string[]
  readonly #paths: AgentPaths
  readonly #findsTrace: boolean

  constructor(options: { timeNames: readonly string[]; paths: AgentPaths; findsTrace: boolean }) {
    this.#timeNames = options.timeNames
    this.#paths = options.paths
    this.#findsTrace = options.findsTrace
  }

  of(key: string): MemberRole {
    const known = this.#known.get(key)
    if (known) return known
    const role = this.#roleOf(key)
    if (key.length > longestRemembered) return role
    if (this.#known.size >= mostRemembered) this.#known.clear()
    this.#known.set(key, role)
    return role
  }

  /** Call before the first `nameIn` of a line. */
  beginLine({ keys }: JsonLine): void {
    if (keys === this.#keys && keys.epoch === this.#epoch) return
    this.#keys = keys
    this.#epoch = keys.epoch
    this.#names = []
  }

  /** The name of a member of the line: the same object for the same name. */
  nameIn(json: JsonLine, index: number): KnownName {
    const id = json.keyId(index)
    if (id < 0) return { key: json.key(index), role: this.of(json.key(index)), line: 0, index: 0 }
    return this.#names[id] ?? this.#learn(json, id)
  }

  #learn(json: JsonLine, id: number): KnownName {
    const key = json.keys.key(id).text
    // Numbers are given in order: the array stays dense.
    for (let next = this.#names.length; next < id; next++)
      this.#names.push(this.#nameOf(json.keys.key(next).text))
    const name = this.#nameOf(key)
    this.#names.push(name)
    return name
  }

  #nameOf(key: string): KnownName {
    return { key, role: this.of(key), line: 0, index: 0 }
  }

  #roleOf(key: string): MemberRole {
    const times = placesOf(this.#timeNames, key)
    const levels = placesOf(levelNames, key)
    const trace = this.#findsTrace ? traceRole(key) : undefined
    const meets = childPath(this.#paths, key.split('.', 1)[0]!) !== undefined
    const met = meets ? metPath(this.#paths, key) : undefined
    const meetsParsed = met !== undefined && met.leaf?.kind !== 'parser'
    const isNothing = times.length + levels.length === 0 && trace === undefined && !meets
    return isNothing ? noRole : { times, levels, trace, meets, meetsParsed }
  }
}

/** The path of ours that a name leads to, or ends above; `log.syslog.priority` goes its own way behind `log`. */
function metPath(paths: AgentPaths, key: string): AgentPaths | undefined {
  let node = paths
  for (const segment of key.split('.')) {
    const next = childPath(node, segment)
    if (!next || next.leaf) return next
    node = next
  }
  return node
}

function placesOf(names: readonly string[], key: string): readonly Place[] {
  return names.flatMap((name, rank): Place[] => {
    if (name === key) return [{ rank, rest: '' }]
    return name.startsWith(`${key}.`) ? [{ rank, rest: name.slice(key.length + 1) }] : []
  })
}
