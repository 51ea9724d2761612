import type { KeptLetter, SinkPreview } from '../../sink.ts'
import { labelSet, parseLabels, withBacklog } from '../labels/label-set.ts'
import type { Label, PushEntry } from './push.ts'

/** What Loki's time, names and values take beside the line. */
const entryBytes = 256

/** The entries of a push that were kept as dead letters, in the order of its items: `EncodedRequest.extra`. */
export class KeptEntries {
  readonly entries: readonly PushEntry[]

  constructor(entries: readonly PushEntry[]) {
    this.entries = entries
  }
}

/** The stream of a dead letter, as a label set's text; undefined for what is no entry of Loki. */
export function keptStream(kept: SinkPreview, isBacklog: boolean): string | undefined {
  const { pairs } = parseLabels(kept.target)
  if (pairs.length === 0 || !entryOf(kept)) return undefined
  const labels = labelSet(pairs)
  const isAlready = pairs.some(([name]) => name === 'backlog')
  return isBacklog && !isAlready ? withBacklog(labels).text : labels.text
}

/** The letters with their entries, ascending by time: only of ascending entries can be told which ones an answer means. */
export function keptEntries(
  letters: readonly KeptLetter[],
): readonly { readonly letter: KeptLetter; readonly entry: PushEntry }[] {
  return letters
    .map((letter) => ({ letter, entry: entryOf(letter.kept)! }))
    .sort((a, b) => a.entry.seconds - b.entry.seconds || a.entry.nanos - b.entry.nanos)
}

export const keptBytes = ({ body, details }: SinkPreview): number =>
  Buffer.byteLength(body) + JSON.stringify(details ?? {}).length + entryBytes

function entryOf({ body, details }: SinkPreview): PushEntry | undefined {
  const time = instantOf(details?.['time'])
  if (!time) return undefined
  const metadata = details?.['structured_metadata']
  const own =
    typeof metadata === 'object' && metadata !== null
      ? Object.entries(metadata).map(([name, value]): Label => [name, String(value)])
      : []
  const nothingShared = { pairs: [], protobuf: new Uint8Array(), size: 0 }
  return { ...time, line: Buffer.from(body), metadata: { shared: nothingShared, own } }
}

/** Of `rfc3339(time, 9)`. */
function instantOf(text: unknown): Pick<PushEntry, 'seconds' | 'nanos'> | undefined {
  const match =
    typeof text === 'string' ? /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text) : null
  const ms = match ? Date.parse(`${match[1]}Z`) : Number.NaN
  if (!match || Number.isNaN(ms) || ms < 0) return undefined
  return { seconds: ms / 1000, nanos: Number((match[2] ?? '').padEnd(9, '0')) }
}
