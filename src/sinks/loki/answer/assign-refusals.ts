import { metadataPairs, metadataSize } from '../push/metadata.ts'
import type { PushEntry } from '../push/push.ts'
import type { EntryRefusal, IngesterRefusals, ListedEntry, Refusals } from './refusals.ts'

/** Why one entry of a push wasn't taken. */
export type Refusal =
  | { readonly kind: 'rejected'; readonly refusal: EntryRefusal }
  | { readonly kind: 'too_far_behind' }
  | { readonly kind: 'rate' }
  /** Nobody told. Sending it again is right in any case, as equal entries are stored once. */
  | { readonly kind: 'untold' }

/**
 * Tells which entries of a push the server meant, as its text names only times and sizes. One verdict for each
 * entry, undefined for those that were taken; or undefined as a whole where the text doesn't account for all.
 * `mayEstimate`: to call a stored entry too far behind does no more harm than storing it once more elsewhere.
 */
export function assignRefusals(
  refusals: Refusals,
  entries: readonly PushEntry[],
  mayEstimate: boolean,
): readonly (Refusal | undefined)[] | undefined {
  if (refusals.kind === 'entries') return assignEntries(refusals.refusals, entries)
  if (refusals.kind === 'ingester') return assignListed(refusals, entries, mayEstimate)
  return undefined
}

function assignEntries(
  refusals: readonly EntryRefusal[],
  entries: readonly PushEntry[],
): readonly (Refusal | undefined)[] | undefined {
  const verdicts = entries.map((): Refusal | undefined => undefined)
  // The server checks an entry for times first and names one fault only, so sizes are looked for among the rest.
  const ordered = refusals.toSorted((a, b) => Number(isTime(b)) - Number(isTime(a)))
  for (const refusal of ordered) {
    const candidates: number[] = []
    entries.forEach((entry, index) => {
      if (!verdicts[index] && fits(refusal, entry)) candidates.push(index)
    })
    // Too old and too new are thresholds, and entries ascend: in the second of the threshold it is the outermost.
    const isSure = isTime(refusal) ? candidates.length >= refusal.count : candidates.length === refusal.count
    if (!isSure) return undefined
    const chosen =
      refusal.form.by === 'newest'
        ? candidates.slice(candidates.length - refusal.count)
        : candidates.slice(0, refusal.count)
    for (const index of chosen) verdicts[index] = { kind: 'rejected', refusal }
  }
  return verdicts
}

function isTime(refusal: EntryRefusal): boolean {
  return refusal.form.by === 'oldest' || refusal.form.by === 'newest'
}

function fits({ form, number }: EntryRefusal, entry: PushEntry): boolean {
  if (form.by === 'line_bytes') return entry.line.length === number
  if (form.by === 'metadata_bytes') return metadataSize(entry.metadata) === number
  if (form.by === 'metadata_count') return metadataPairs(entry.metadata).length === number
  return entry.seconds === number
}

/**
 * The ingester's text replaces what the distributor had to say, so entries that the distributor took out are in
 * neither its list nor its total: `total` below what was sent means that some are missing without a word.
 */
function assignListed(
  refusals: IngesterRefusals,
  entries: readonly PushEntry[],
  mayEstimate: boolean,
): readonly (Refusal | undefined)[] | undefined {
  const { listed, ignored, total } = refusals
  if (ignored > total || listed.length > ignored) return undefined
  if (total < entries.length && refusals.isSharded && mayEstimate) return assignShard(listed, entries)
  if (total !== entries.length) return undefined
  if (listed.every((entry) => entry.why === 'too_far_behind')) return assignOldest(listed, ignored, entries)
  return listed.length === ignored ? assignByTime(listed, entries) : undefined
}

/**
 * Above 1.5 MB/s Loki deals a stream's entries out to shards, and answers for the last shard only. All shards are about
 * as new, so what is too far behind for one is for all; bisecting down to each entry would cost thousands of requests.
 * In the second of the border we choose to store an entry twice rather than not at all.
 */
function assignShard(
  listed: readonly ListedEntry[],
  entries: readonly PushEntry[],
): readonly (Refusal | undefined)[] | undefined {
  const known = listed.map((one) => one.oldestAccepted).filter((seconds) => !Number.isNaN(seconds))
  if (known.length === 0 || known.length < listed.length) return undefined
  const border = Math.max(...known)
  return entries.map((entry) => ({ kind: entry.seconds <= border ? 'too_far_behind' : 'untold' }))
}

/** Only the first ten are listed, but "too far behind" is a threshold and entries ascend: it was the oldest ones. */
function assignOldest(
  listed: readonly ListedEntry[],
  ignored: number,
  entries: readonly PushEntry[],
): readonly (Refusal | undefined)[] | undefined {
  const areListed = listed.every((one, index) => isAt(entries[index]!, one))
  const oldestAccepted = listed[0]?.oldestAccepted ?? NaN
  const lastRefused = entries[ignored - 1]
  const firstTaken = entries[ignored]
  // The texts show whole seconds, hence `<=` and `>=` on both sides of the border; NaN (unknown) is never in order.
  const isBorder =
    lastRefused !== undefined &&
    lastRefused.seconds <= oldestAccepted &&
    (firstTaken === undefined || firstTaken.seconds >= oldestAccepted)
  const isComplete = listed.length === ignored
  if (!areListed || !(isBorder || isComplete)) return isComplete ? assignByTime(listed, entries) : undefined
  return entries.map((_, index) => (index < ignored ? { kind: 'too_far_behind' } : undefined))
}

/** Every refused entry is listed with its exact time; sure only where no other entry has the same. */
function assignByTime(
  listed: readonly ListedEntry[],
  entries: readonly PushEntry[],
): readonly (Refusal | undefined)[] | undefined {
  const verdicts = entries.map((): Refusal | undefined => undefined)
  for (const one of listed) {
    if (one.why === 'other') return undefined
    const index = entries.findIndex((entry) => isAt(entry, one))
    if (index < 0 || verdicts[index] || isAtSameTime(entries, index)) return undefined
    verdicts[index] = { kind: one.why }
  }
  return verdicts
}

function isAt(entry: PushEntry, listed: ListedEntry): boolean {
  return entry.seconds === listed.time.seconds && entry.nanos === listed.time.nanos
}

/** Entries ascend, so one of the same time can only be a neighbour. */
function isAtSameTime(entries: readonly PushEntry[], index: number): boolean {
  const { seconds, nanos } = entries[index]!
  return [entries[index - 1], entries[index + 1]].some(
    (other) => other?.seconds === seconds && other.nanos === nanos,
  )
}
