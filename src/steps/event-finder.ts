import type { SharedMember } from '../core/chunk.ts'
import { severityNames } from '../core/event.ts'
import { agentPaths } from '../enrich/agent-paths.ts'
import { MemberRoles } from '../enrich/member-roles.ts'
import { MemberScan } from '../enrich/member-scan.ts'
import { idsInText } from '../enrich/trace-ids.ts'
import type { ParsedLine } from '../parsers/chain.ts'
import type { AddedMember } from '../parsers/parser.ts'
import { foundOfJson } from './found.ts'
import type { Found } from './found.ts'

/** What Loki's labels and templates call the fields that are known for the whole file. */
const sharedAliases: readonly (readonly [string, string])[] = [
  ['host_name', 'host.name'],
  ['filename', 'log.file.path'],
  ['namespace', 'kubernetes.namespace'],
  ['pod', 'kubernetes.pod.name'],
  ['container', 'kubernetes.container.name'],
  ['app', 'kubernetes.labels.app'],
]

/** What the agent will write of itself, by all names that it has there. */
export function sharedFields(shared: readonly SharedMember[]): ReadonlyMap<string, Found> {
  const fields = new Map(shared.map(({ name, json }) => [name, foundOfJson(json)]))
  for (const [alias, name] of sharedAliases) {
    const found = fields.get(name)
    if (found && !fields.has(alias)) fields.set(alias, found)
  }
  return fields
}

/** What the agent would find in an event as it is now: level and ids, looked for when a step asks for them. */
export class EventFinder {
  readonly #scan: MemberScan
  readonly #findsTrace: boolean

  constructor(findsTrace: boolean) {
    this.#findsTrace = findsTrace
    const roles = new MemberRoles({ timeNames: [], paths: agentPaths([], false), findsTrace })
    this.#scan = new MemberScan(roles, 0)
  }

  /** The normalised level; '' for none. */
  level(parsed: ParsedLine): string {
    this.#look(parsed)
    return severityNames[this.#scan.severity()]
  }

  ids(parsed: ParsedLine, text: () => string): { traceId: string; spanId: string } {
    this.#look(parsed)
    const { trace } = this.#scan
    const placed = (at: number | undefined, length: number): string | undefined =>
      at === undefined ? undefined : parsed.own?.view().toString('latin1', at, at + length)
    const traceId = placed(trace.traceAt, trace.traceLength) ?? trace.traceId()
    const spanId = placed(trace.spanPlace(), 16) ?? trace.spanId()
    const found = traceId === '' && !parsed.own && this.#findsTrace ? idsInText(text()) : undefined
    return { traceId: found?.traceId ?? traceId, spanId: spanId === '' ? (found?.spanId ?? '') : spanId }
  }

  #look({ own, added }: ParsedLine): void {
    this.#scan.reset()
    for (const member of added) this.#scan.member(member.key, member.value, (path) => digitsOf(member, path))
    const replaced = added.length === 0 ? undefined : new Set(added.map(({ key }) => key))
    if (own) this.#scan.object(own, replaced)
  }
}

const digitsOf = (member: AddedMember, path: string): string | undefined =>
  path === member.key ? member.json : undefined
