import { isDeepStrictEqual } from 'node:util'
import type { AgentConfig, SinkConfig } from './schema.ts'

export interface NameChanges {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** What a reload has to do, and what it cannot. */
export interface ConfigDiff {
  readonly isEmpty: boolean
  /** Reading has to be built anew: a source, what all sources get, or the set of sinks that they route to. */
  readonly sourcesChanged: boolean
  readonly sources: NameChanges
  readonly sinks: NameChanges & {
    /** Of `changed`: those that now send elsewhere. They keep their cursor. */
    readonly urlChanged: readonly string[]
  }
  /** Keys such as `data_dir` and `buffer.max_bytes`; until a restart the old value holds. */
  readonly needsRestart: readonly string[]
  /** Other keys that changed and touch neither sources nor sinks: `log.level`, `admin.token`. */
  readonly settings: readonly string[]
}

/** Where a sink sends to, by whatever name its type calls it. */
const targetKeys = ['nodes', 'url', 'path'] as const

/**
 * Compares two loaded configs. Comments, order of keys and spelling of sizes make no difference. `renewed`: sinks that count
 * as changed because files that they name have changed.
 */
export function diffConfig(old: AgentConfig, next: AgentConfig, renewed: readonly string[] = []): ConfigDiff {
  const sources = changesOf(old.sources, next.sources)
  const sinks = changesOf(old.sinks, next.sinks, renewed)
  const urlChanged = sinks.changed.filter((name) => !isSameTarget(old.sinks[name]!, next.sinks[name]!))
  // A file belongs to the first source that matches it, so their order counts.
  const isReordered = !isDeepStrictEqual(Object.keys(old.sources), Object.keys(next.sources))
  const areSinksOthers = sinks.added.length > 0 || sinks.removed.length > 0
  const areEnrichedOtherwise = !isDeepStrictEqual(old.enrich, next.enrich)
  const areStepsOthers = !isDeepStrictEqual(old.steps, next.steps)
  const sourcesChanged =
    isAny(sources) || isReordered || areSinksOthers || areEnrichedOtherwise || areStepsOthers
  const needsRestart = [...changedKeys(old, next, ['data_dir']), ...changedMembers(old, next, 'buffer')]
  const settings = [
    ...changedKeys(old, next, ['shutdown_timeout']),
    ...changedMembers(old, next, 'admin'),
    ...changedMembers(old, next, 'log'),
    ...changedMembers(old, next, 'dead_letters'),
  ]
  const isEmpty = !sourcesChanged && !isAny(sinks) && needsRestart.length + settings.length === 0
  return { isEmpty, sourcesChanged, sources, sinks: { ...sinks, urlChanged }, needsRestart, settings }
}

function changesOf(
  old: Readonly<Record<string, unknown>>,
  next: Readonly<Record<string, unknown>>,
  renewed: readonly string[] = [],
): NameChanges {
  const names = Object.keys(next)
  const isOther = (name: string): boolean =>
    renewed.includes(name) || !isDeepStrictEqual(old[name], next[name])
  return {
    added: names.filter((name) => !Object.hasOwn(old, name)),
    removed: Object.keys(old).filter((name) => !Object.hasOwn(next, name)),
    changed: names.filter((name) => Object.hasOwn(old, name) && isOther(name)),
  }
}

const isAny = ({ added, removed, changed }: NameChanges): boolean =>
  added.length + removed.length + changed.length > 0

function isSameTarget(old: SinkConfig, next: SinkConfig): boolean {
  return old.type === next.type && targetKeys.every((key) => isDeepStrictEqual(old[key], next[key]))
}

function changedKeys(old: AgentConfig, next: AgentConfig, keys: readonly (keyof AgentConfig)[]): string[] {
  return keys.filter((key) => !isDeepStrictEqual(old[key], next[key]))
}

/** `admin` may be `false` instead of an object: then the whole key has changed. */
function changedMembers(
  old: AgentConfig,
  next: AgentConfig,
  section: 'admin' | 'buffer' | 'dead_letters' | 'log',
): string[] {
  const [before, after] = [membersOf(old[section]), membersOf(next[section])]
  if (!before || !after) return before === after ? [] : [section]
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys]
    .filter((key) => !isDeepStrictEqual(before[key], after[key]))
    .map((key) => `${section}.${key}`)
}

function membersOf(section: false | object): Readonly<Record<string, unknown>> | undefined {
  return section === false ? undefined : { ...section }
}
