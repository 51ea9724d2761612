import type { Instant } from '../../../core/event.ts'
import type { RejectReason } from '../../../core/outcome.ts'

/**
 * Loki names refused entries only in the text of a 400 or 429. The forms are those of 3.7.8
 * (pkg/validation/validate.go, pkg/ingester/stream.go, pkg/util/errors.go), captured in test/fixtures/loki.
 * All of it is text of a server with pieces of log lines in it, so a text that isn't understood to its very end
 * counts as not understood.
 */
export type Refusals =
  /** Refused by the distributor, entry by entry; the others of the push were taken. */
  | { readonly kind: 'entries'; readonly refusals: readonly EntryRefusal[] }
  /** Refused by the ingester, which lists the first ten. */
  | IngesterRefusals
  /** The labels are at fault: nothing of the stream was taken. */
  | { readonly kind: 'stream'; readonly type: string }
  /** Nothing that an event can help: the operator has to change a limit or the config. */
  | { readonly kind: 'operator' }

export interface IngesterRefusals {
  readonly kind: 'ingester'
  readonly listed: readonly ListedEntry[]
  readonly ignored: number
  /** Entries that reached the ingester. */
  readonly total: number
  /** The server spread the push over several streams by their rate; the text is about the last of them only. */
  readonly isSharded: boolean
}

/** `count` entries that share the form's one number. */
export interface EntryRefusal {
  readonly form: EntryForm
  readonly count: number
  /** Seconds since 1970 for times, bytes for sizes. */
  readonly number: number
}

export interface EntryForm {
  readonly pattern: RegExp
  /** What the captured number is compared with. */
  readonly by: 'oldest' | 'newest' | 'line_bytes' | 'metadata_bytes' | 'metadata_count'
  readonly reason: RejectReason
  readonly type: string
}

export interface ListedEntry {
  readonly time: Instant
  readonly why: 'too_far_behind' | 'rate' | 'other'
  /** For `too_far_behind`: seconds of the oldest time that the stream still takes, or NaN. */
  readonly oldestAccepted: number
}

/** In the order in which the distributor checks an entry: it names only the first that fails. */
const entryForms: readonly EntryForm[] = [
  {
    pattern:
      /entry for stream '\{\}' has timestamp too old: (\S+), oldest acceptable timestamp is: \S+?(?=; |$)/y,
    by: 'oldest',
    reason: 'too_old',
    type: 'greater_than_max_sample_age',
  },
  {
    pattern: /entry for stream '\{\}' has timestamp too new: (\S+?)(?=; |$)/y,
    by: 'newest',
    reason: 'too_new',
    type: 'too_far_in_future',
  },
  {
    pattern:
      /max entry size '\d+' bytes exceeded for stream '\{\}' while adding an entry with length '(\d+)' bytes/y,
    by: 'line_bytes',
    reason: 'too_large',
    type: 'line_too_long',
  },
  {
    pattern: /stream '\{\}' has structured metadata too large: '(\d+)' bytes, limit: '\d+' bytes\.[^;]*/y,
    by: 'metadata_bytes',
    reason: 'metadata',
    type: 'structured_metadata_too_large',
  },
  {
    pattern: /stream '\{\}' has too many structured metadata labels: '(\d+)', limit: '\d+'\.[^;]*/y,
    by: 'metadata_count',
    reason: 'metadata',
    type: 'structured_metadata_too_many',
  },
]

/** Anchored at the start: what follows may quote a raw label. */
const streamForms: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:\d+ errors like: )?entry for stream '\{\}' has \d+ label names; limit \d+/,
    'max_label_names_per_series',
  ],
  [/^(?:\d+ errors like: )?stream '\{\}' has label name too long: /, 'label_name_too_long'],
  [/^(?:\d+ errors like: )?stream '\{\}' has label value too long: /, 'label_value_too_long'],
  [/^(?:\d+ errors like: )?stream '\{\}' has duplicate label name: /, 'duplicate_label_names'],
  [/^(?:\d+ errors like: )?error parsing labels '/, 'invalid_labels'],
  [/^couldn't parse labels: /, 'invalid_labels'],
  [/^error at least one label pair is required per stream/, 'missing_labels'],
]

const operatorForms: readonly RegExp[] = [
  /^(?:\d+ errors like: )?missing required labels '/,
  /(?:^|errors like: )stream '\{\}' includes structured metadata, but this feature is disallowed/,
  /^tenant ID |^no org id|^multiple org IDs present/,
]

/** Undefined where the text isn't understood as a whole. */
export function parseRefusals(serverText: string): Refusals | undefined {
  const text = withoutLabels(serverText.trim())
  const stream = streamForms.find(([form]) => form.test(text))
  if (stream) return { kind: 'stream', type: stream[1] }
  if (operatorForms.some((form) => form.test(text))) return { kind: 'operator' }
  return parseIngesterText(text, isSharded(serverText)) ?? parseEntryTexts(text)
}

/**
 * Label sets become `{}`. Their values come from log lines and could spell any of the forms; as Go quotes them, the
 * first closing quote that isn't escaped ends a value, so nothing of them survives this.
 */
function withoutLabels(text: string): string {
  return text.replace(/\{(?:[a-zA-Z_][a-zA-Z0-9_]*="[^"\\]*(?:\\.[^"\\]*)*"(?:, )?)+\}/g, '{}')
}

/** A value that spells this has its quotes escaped. */
function isSharded(serverText: string): boolean {
  return /[{ ]__(?:stream|time)_shard__="/.test(serverText)
}

/** `3 errors like: FORM; 1 errors like: FORM`, or one FORM alone. */
function parseEntryTexts(text: string): Refusals | undefined {
  const refusals: EntryRefusal[] = []
  let at = 0
  while (at < text.length) {
    const counted = matchAt(/(\d+) errors like: /y, text, at)
    if (counted) at += counted[0].length
    const found = entryFormAt(text, at)
    if (!found) return undefined
    refusals.push({ form: found.form, number: found.number, count: counted ? Number(counted[1]) : 1 })
    at += found.length
    if (at < text.length && !text.startsWith('; ', at)) return undefined
    at += 2
  }
  return refusals.length > 0 ? { kind: 'entries', refusals } : undefined
}

function entryFormAt(
  text: string,
  at: number,
): { readonly form: EntryForm; readonly number: number; readonly length: number } | undefined {
  for (const form of entryForms) {
    const match = matchAt(form.pattern, text, at)
    if (!match) continue
    const isTime = form.by === 'oldest' || form.by === 'newest'
    const number = isTime ? Date.parse(match[1]!) / 1000 : Number(match[1])
    return Number.isNaN(number) ? undefined : { form, number, length: match[0].length }
  }
  return undefined
}

const ingesterEnd = /(?:^|\n)user '[^\n]*', total ignored: (\d+) out of (\d+) for stream: \{\}$/

function parseIngesterText(text: string, isFromShard: boolean): Refusals | undefined {
  const end = ingesterEnd.exec(text)
  if (!end) return undefined
  const listed: ListedEntry[] = []
  for (const line of text.slice(0, end.index).split('\n')) {
    if (line === '') continue
    const entry = parseListedEntry(line)
    if (!entry) return undefined
    listed.push(entry)
  }
  return { kind: 'ingester', listed, ignored: Number(end[1]), total: Number(end[2]), isSharded: isFromShard }
}

/** Go's `Time.String()`: `2026-11-20 16:15:17.677 +0000 UTC`, digits of the fraction as many as needed. */
const listedLine =
  /^entry with timestamp (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,9}))? ([+-]\d\d)(\d\d) \S+ ignored, reason: '(.*)',$/

function parseListedEntry(line: string): ListedEntry | undefined {
  const match = listedLine.exec(line)
  if (!match) return undefined
  const [, date, clock, fraction = '', hours, minutes, reason] = match
  const seconds = Date.parse(`${date}T${clock}${hours}:${minutes}`) / 1000
  if (Number.isNaN(seconds)) return undefined
  const behind = /^entry too far behind, .*oldest acceptable timestamp is: (\S+)$/.exec(reason!)
  return {
    time: { seconds, nanos: Number(fraction.padEnd(9, '0')) },
    why: behind || reason === 'entry out of order' ? 'too_far_behind' : rateOrOther(reason!),
    oldestAccepted: behind ? Date.parse(behind[1]!) / 1000 : NaN,
  }
}

function rateOrOther(reason: string): 'rate' | 'other' {
  return reason.startsWith('Per stream rate limit exceeded') ? 'rate' : 'other'
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** Seconds of the oldest time that the stream still takes, where an ingester refused entries for lying before it. */
export function oldestAccepted(serverText: string): number | undefined {
  const refusals = parseRefusals(serverText)
  if (refusals?.kind !== 'ingester') return undefined
  return refusals.listed.map((entry) => entry.oldestAccepted).find((seconds) => !Number.isNaN(seconds))
}
